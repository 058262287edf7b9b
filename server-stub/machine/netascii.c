// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/machine/netascii.h"

static uint8_t debt_of(uint8_t byte)
{
	return byte == '\n' ? NETASCII_LF : byte == '\r' ? NETASCII_NUL : NETASCII_NOTHING;
}

size_t netascii_translate(
	struct netascii_place *p, const uint8_t *from, size_t length, uint8_t *to, size_t room)
{
	const uint8_t *end = from + length;
	size_t written = 0;

	while (written < room && (p->owed || from < end)) {
		if (p->owed) {
			to[written++] = p->owed == NETASCII_LF ? '\n' : 0;
			p->owed = NETASCII_NOTHING;
			continue;
		}
		p->owed = debt_of(*from);
		to[written++] = p->owed ? '\r' : *from;
		from++;
		p->offset++;
	}
	return written;
}
