// SPDX-License-Identifier: BSD-2-Clause
// Tapes (bootloader/tape.h) of lanyard-host: one is made of a run, with all that comes and the words of
// the command line; or one is played, its own or that of a machine which has sent it.
//
// While it is played, time is made of the tape: it stands still while the program works, and where the
// program would rest it jumps to what happened next, or to a deadline long before that. A frame comes at its
// time, and not before the program has sent as many as it had then: an answer never comes before its
// question. So a repetition takes as long as the work does, and is the same each time, as far as the
// program is. Behind the end of a tape nobody answers any more; where it ends because a machine has sent
// it, the program ends and says what it was sent for.
#pragma once

#include "bootloader/tape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The boot program's tape is to be this file. Ends the program if it cannot be written. The words of the
// command line go onto it when the boot begins.
void player_record(const char *path, int argc, char **argv);

// Begins to play. Ends the program if the file is no tape.
void player_start(const char *path);
bool player_playing(void);
// A machine's: everything is on it. Else the words of a command line are.
bool player_of_machine(void);
struct player_event {
	enum tape_kind kind;
	uint8_t number;
	uint64_t now;  // ms
	uint32_t sent; // frames so far
	size_t length;
	const uint8_t *bytes;
	size_t end; // of the tape up to here
};
// The first of that kind and number from *at on, which is moved behind it; NULL: none.
const struct player_event *player_find(enum tape_kind kind, uint8_t number, size_t *at);
// False if the tape has none.
bool player_identity(struct tape_identity *i);

uint64_t player_now(void);
// A frame has been sent.
void player_sent(void);
// A fault was told.
void player_fault(unsigned id);
// The program rests: time goes on to what comes next, or to `until`.
void player_rest(uint64_t until);
// The next frame that this card has received by now; NULL: none.
const struct player_event *player_frame(uint8_t card);
enum netdev_link player_link(uint8_t card);
// Whether the card did not take the frame that is about to be sent.
bool player_busy(uint8_t card);
// A machine's: the key that was pressed by now (KEY_NONE: none), and whether Shift was held.
int player_key(void);
bool player_shift(void);
