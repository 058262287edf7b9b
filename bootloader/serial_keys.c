// SPDX-License-Identifier: BSD-2-Clause
// Escape sequences of terminals, byte by byte. Unknown sequences are swallowed whole, so that their
// rest does not look like typing.
#include "bootloader/serial_keys.h"

enum { ESC = 27 };

static const int by_number[] = { // ESC [ number ~
	[1] = KEY_HOME, KEY_INSERT, KEY_DELETE, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END,
	[11] = KEY_F1, KEY_F1 + 1, KEY_F1 + 2, KEY_F1 + 3, KEY_F1 + 4,
	[17] = KEY_F1 + 5, KEY_F1 + 6, KEY_F1 + 7, KEY_F1 + 8, KEY_F1 + 9,
	[23] = KEY_F1 + 10, KEY_F12,
};

static int by_letter(uint8_t letter)
{
	switch (letter) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DOWN;
	case 'C': return KEY_RIGHT;
	case 'D': return KEY_LEFT;
	case 'H': return KEY_HOME;
	case 'F': return KEY_END;
	case 'P': case 'Q': case 'R': case 'S': return KEY_F1 + (letter - 'P');
	default: return KEY_NONE;
	}
}

static int plain(struct serial_keys *k, uint8_t byte, uint64_t now)
{
	k->state = KEYS_PLAIN;
	if (byte == ESC) {
		k->state = KEYS_ESCAPE;
		k->since = now;
		return KEY_NONE;
	}
	if (byte == '\n')
		return '\r';
	return byte == 0x7f ? '\b' : byte < 0x80 ? byte : KEY_NONE;
}

static int escape(struct serial_keys *k, uint8_t byte, uint64_t now)
{
	k->number = 0;
	k->more = false;
	switch (byte) {
	case '[':
		k->state = KEYS_CSI;
		return KEY_NONE;
	case 'O':
		k->state = KEYS_SS3;
		return KEY_NONE;
	case ESC:
		k->since = now;
		return ESC;
	default:
		return plain(k, byte, now); // Alt and a key: the key
	}
}

static int csi(struct serial_keys *k, uint8_t byte)
{
	if (byte == '[' && k->number == 0) {
		k->state = KEYS_LINUX_F;
		return KEY_NONE;
	}
	if (byte >= '0' && byte <= '9') {
		if (!k->more && k->number < 1000)
			k->number = k->number * 10 + (byte - '0');
		return KEY_NONE;
	}
	if (byte < 0x40 && byte >= 0x20) {
		k->more = true;
		return KEY_NONE;
	}
	k->state = KEYS_PLAIN;
	if (byte != '~') // 24;80R is no F3 but an answer of the terminal
		return k->number <= 1 ? by_letter(byte) : KEY_NONE;
	if (k->number >= sizeof by_number / sizeof by_number[0] || !by_number[k->number])
		return KEY_NONE;
	return by_number[k->number];
}

int serial_keys_byte(struct serial_keys *k, uint8_t byte, uint64_t now)
{
	switch (k->state) {
	case KEYS_ESCAPE:
		return escape(k, byte, now);
	case KEYS_CSI:
		return csi(k, byte);
	case KEYS_SS3:
		k->state = KEYS_PLAIN;
		return by_letter(byte);
	case KEYS_LINUX_F:
		k->state = KEYS_PLAIN;
		return byte >= 'A' && byte <= 'E' ? KEY_F1 + (byte - 'A') : KEY_NONE;
	default:
		return plain(k, byte, now);
	}
}

int serial_keys_time(struct serial_keys *k, uint64_t now)
{
	bool lone = k->state == KEYS_ESCAPE;

	if (k->state == KEYS_PLAIN || now - k->since < SERIAL_KEYS_WAIT)
		return KEY_NONE;
	k->state = KEYS_PLAIN;
	return lone ? ESC : KEY_NONE;
}
