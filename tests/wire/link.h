// SPDX-License-Identifier: BSD-2-Clause
// One direction of an Ethernet cable, as bad as one likes: says of each frame when it arrives, how
// often, and with which bit turned over. It keeps no frames and reads no clock, so that the program
// `wire` uses it in real time and tests/sim in virtual time. Everything follows from the seed and the
// order of the frames.
//
// What happens to a frame, in this order:
//   cut        after so many bytes the cable is out for a while
//   loss       by chance
//   rate       it leaves when those before it have left; where too many wait, it is dropped
//   delay      and jitter: frames stay in order all the same
//   reorder    by chance a frame comes later, and those behind it overtake it
//   corrupt    by chance one bit behind the Ethernet header is turned over, which a checksum always
//              finds; ARP is spared, as it has none
//   duplicate  by chance a second one follows, with a delay and damage of its own
#pragma once

#include "netstack/base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINK_CERTAIN = 1000000, // a chance is in millionths
	LINK_QUEUE = 1000,      // full frames that may wait for their turn
	LINK_COPIES = 2,
};

// Times in ns.
struct link_chances {
	uint32_t loss, duplicate, reorder, corrupt;
	uint64_t delay, jitter, reorder_by;
	uint32_t kbit;           // per second, 0: no limit
};

// May be shared by two directions.
struct link_cut {
	uint64_t after;          // bytes that pass before it, 0: never
	uint64_t lasts;          // ns, 0: for good
	uint64_t bytes, until;   // so far
	bool out, over;
};

struct link {
	struct link_chances chances;
	struct link_cut *cut;    // NULL: never
	struct random random;
	uint64_t free_at;        // when the latest frame has left
	uint64_t last_due;
	struct link_count {
		uint64_t frames, bytes; // that came in
		uint64_t lost, doubled, reordered, corrupted, dropped, cut;
	} count;
};

struct link_copy {
	uint64_t due;
	bool corrupt;
	size_t bit;              // to be turned over, counted from the frame's first
};

// The cut stays the caller's. Chances may be changed at any time.
void link_init(struct link *l, const struct link_chances *chances, struct link_cut *cut, uint64_t seed);
// A frame enters at `now`. Gives how many copies of it arrive, none to LINK_COPIES.
size_t link_take(struct link *l, const uint8_t *frame, size_t length, uint64_t now,
	struct link_copy copies[LINK_COPIES]);
