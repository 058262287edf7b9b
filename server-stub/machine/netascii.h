// SPDX-License-Identifier: BSD-2-Clause
// netascii (RFC 1350 section 1, RFC 764): on the wire a line ends with CR LF, and a CR that is only a
// CR is CR NUL. What a file has as LF or CR becomes two bytes, which a block's end may part.
#pragma once

#include <stddef.h>
#include <stdint.h>

// How far a file has been translated. All zero: its beginning.
struct netascii_place {
	uint64_t offset; // of the next byte in the file
	uint8_t owed;    // enum netascii_owed: the second byte of a pair, which comes first
};

enum netascii_owed { NETASCII_NOTHING, NETASCII_LF, NETASCII_NUL };

// Translates `from`, the `length` bytes of the file at p->offset, until they or the `room` in `to` are
// used up. Returns how many bytes it wrote, and moves `p` on.
size_t netascii_translate(
	struct netascii_place *p, const uint8_t *from, size_t length, uint8_t *to, size_t room);
