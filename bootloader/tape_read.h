// SPDX-License-Identifier: BSD-2-Clause
// Reading a tape (tape.h). It may come from anybody: whatever it holds, reading it is bounded.
#pragma once

#include "bootloader/tape.h"
#include "netstack/base/bytes.h"

struct tape_reader {
	struct reader r;
	uint64_t now;  // ms since the tape's begin
	uint32_t sent; // frames so far
	uint8_t heads[TAPE_HEADS];
	uint8_t frame[NETDEV_FRAME];
};

struct tape_event {
	uint64_t now;  // ms since the tape's begin
	uint32_t sent; // frames that the program had sent by then
	enum tape_kind kind; // never TAPE_BULK, which becomes TAPE_UNSUMMED, nor TAPE_PAUSE
	uint8_t number;
	const uint8_t *bytes; // valid until the next one is read
	size_t length;
};

// False if it is no tape. `bytes` stay the caller's.
bool tape_open(struct tape_reader *t, const void *bytes, size_t length);
// False at the end.
bool tape_next(struct tape_reader *t, struct tape_event *e);
// False for a record of another length.
bool tape_read_identity(struct tape_identity *i, const struct tape_event *e);
bool tape_read_mark(struct tape_mark *m, const struct tape_event *e);
