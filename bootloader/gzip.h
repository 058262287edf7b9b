// SPDX-License-Identifier: BSD-2-Clause
// Unpacks gzip files (RFC 1952; RFC 1951 for what is inside), as arm64's Image.gz is one. All at once,
// from memory to memory; never reads or writes outside of what it is given.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gzip_result {
	GZIP_DONE,    // all of it, and its checksum is right
	GZIP_FULL,    // it would be longer than the room for it; the room is filled
	GZIP_CUT,     // the file ends too early
	GZIP_DAMAGED, // it is no such file, or not what was packed
};

// Whether a file begins as such a file does.
bool gzip_begins(const uint8_t *bytes, size_t length);
// Unpacks `length` bytes at `from` to `to`. *size: the bytes written. What follows the first member is
// not looked at.
enum gzip_result gzip_unpack(const uint8_t *from, uint64_t length, uint8_t *to, uint64_t room,
	uint64_t *size);
