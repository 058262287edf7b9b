// SPDX-License-Identifier: BSD-2-Clause
// A tape: all that a run of lanyard-host has been given, so that it can be repeated anywhere without a
// network. Its words and firmware packets, its seed, its cards, and every frame with the time at which
// it came.
//
// In a repetition time is made of the tape: it stands still while the program works, and where the
// program would rest it jumps to the next frame or deadline. A frame comes at its time, and not before
// the program has sent as many as it had then: an answer never comes before its question. So a
// repetition takes as long as the work does, and is the same each time, as far as the program is. Behind
// the end of the tape nobody answers any more.
#pragma once

#include "netstack/netdev.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tape_kind {
	TAPE_WORD = 'W',   // of the command line
	TAPE_PACKET = 'P', // that the firmware kept; number: which
	TAPE_SEED = 'S',
	TAPE_CARD = 'C',   // its hardware address; value: it is a tap
	TAPE_LINK = 'L',   // number: of the card; value: enum netdev_link
	TAPE_FRAME = 'F',  // number: of the card; value: its checksum is absent
};

struct tape_record {
	uint64_t now;  // ms
	uint32_t sent; // frames so far
	uint8_t kind, number, value;
	uint32_t length;
	const uint8_t *bytes;
};

// Begins to record. Ends the program if the file cannot be written.
void tape_record(const char *path);
bool tape_recording(void);
void tape_put(enum tape_kind kind, uint8_t number, uint8_t value, const void *bytes, size_t length);

// A frame has been sent.
void tape_sent(void);

// Begins to repeat. Ends the program if the file is no tape.
void tape_replay(const char *path);
bool tape_replaying(void);
// The first record of that kind and number from *at on, which is moved behind it; NULL: none.
const struct tape_record *tape_find(enum tape_kind kind, uint8_t number, size_t *at);
uint64_t tape_now(void);
// The program rests: time goes on to the next frame, or to `until`.
void tape_rest(uint64_t until);
// The next frame that this card has received by now; NULL: none.
const struct tape_record *tape_frame(uint8_t card);
enum netdev_link tape_link(uint8_t card);
