// SPDX-License-Identifier: BSD-2-Clause
// Round trip estimation for retransmission timers (RFC 6298), in whole milliseconds.
#pragma once

#include <stdint.h>

struct rtt {
	uint32_t srtt8, rttvar4; // smoothed round trip * 8 and its variation * 4; 0: nothing measured yet
	uint32_t rto;            // the timeout in force
	uint32_t least, most;    // its bounds; half the least is added to the round trip at least
};

// `first`: the timeout while nothing has been measured.
struct rtt rtt_of(uint32_t first, uint32_t least, uint32_t most);
// One round trip of `ms`; the caller leaves out those of repeated packets (Karn's rule).
void rtt_measured(struct rtt *r, uint32_t ms);
// A timeout has passed: the next one is twice as long.
void rtt_back_off(struct rtt *r);
