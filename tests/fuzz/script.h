// SPDX-License-Identifier: BSD-2-Clause
// A fuzzer's input as a script of arriving packets, for harnesses of protocol machines:
//   control (1 byte), length (2 bytes), the packet; and so on.
// Control: bits 0-3 choose how much time passes before it (0, 1, 2, 4 ... 16384 ms); bits 4-7 belong
// to the harness.
#pragma once

#include "netstack/base/bytes.h"

struct script_step {
	uint8_t control;
	uint64_t pause; // ms
	struct reader packet;
};

static inline bool script_next(struct reader *script, struct script_step *step)
{
	size_t length;

	step->control = read_u8(script);
	length = read_u16(script);
	step->pause = step->control & 15 ? (uint64_t)1 << ((step->control & 15) - 1) : 0;
	if (script->failed)
		return false;
	if (length > reader_left(script))
		length = reader_left(script);
	step->packet = read_sub(script, length);
	return true;
}
