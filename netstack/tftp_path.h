// SPDX-License-Identifier: BSD-2-Clause
// What is known of the way to TFTP servers: how large a window it bears (RFC 7440). A window can be
// asked for at the beginning of a file only, so each file teaches for the next one.
//
// It begins with 16 blocks. After a file without any loss the next one is asked for with the largest
// window, after one in which few windows were disturbed with one twice as large; after one in which
// more than half were, with half of it: so large a burst is more than some card on the way takes. Where
// nothing came any more, the next try has a quarter of it. Files of a few windows teach nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	TFTP_WINDOWSIZE = 16, // blocks
	TFTP_WINDOW_LEAST = 2,
	TFTP_WINDOW_MAX = 64,
};

struct tftp_path {
	uint16_t windowsize;   // to ask for, 0: nothing is known yet
	uint16_t most;         // that the card bears, 0: TFTP_WINDOW_MAX
};

// The window to ask for.
uint16_t tftp_path_window(const struct tftp_path *p);
// A transfer with this window (as granted) has ended: so many blocks came, in so many windows something
// was missing. `stalled`: it ended because nothing came any more.
void tftp_path_learn(struct tftp_path *p, uint16_t windowsize, uint64_t blocks, uint32_t disturbed,
	bool stalled);
