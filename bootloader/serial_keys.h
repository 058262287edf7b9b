// SPDX-License-Identifier: BSD-2-Clause
// Keys from a serial terminal: bytes and their escape sequences (ECMA-48; xterm, VT220, Linux
// console) to platform keys. Time is an argument, because a lone ESC is known only by what does not
// follow it.
#pragma once

#include "bootloader/platform.h"

#include <stdint.h>

enum { SERIAL_KEYS_WAIT = 100 }; // ms after ESC in which the rest of a sequence must come

struct serial_keys {
	enum { KEYS_PLAIN, KEYS_ESCAPE, KEYS_CSI, KEYS_SS3, KEYS_LINUX_F } state;
	uint16_t number; // first parameter of a CSI sequence
	bool more;       // a further parameter has begun: ignored
	uint64_t since;  // when ESC came
};

// One byte; KEY_NONE while a sequence is incomplete or unknown.
int serial_keys_byte(struct serial_keys *k, uint8_t byte, uint64_t now);
// What the passing of time decides: a lone ESC (27), or KEY_NONE.
int serial_keys_time(struct serial_keys *k, uint64_t now);
