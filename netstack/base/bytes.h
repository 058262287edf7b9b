// SPDX-License-Identifier: BSD-2-Clause
// Bounded reading and writing of wire formats (network byte order unless named _le).
//
// Both cursors carry a sticky error: after the first access past the end every read gives zero and
// every write is dropped. A codec reads or writes all its fields and checks `failed` once, at the
// end. Nothing is ever cast onto a buffer, so alignment and host byte order do not matter.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;  // next byte
	const uint8_t *end; // one past the last byte
	bool failed;        // an access went past `end`
};

struct writer {
	uint8_t *start; // first byte of the buffer
	uint8_t *at;    // next free byte
	uint8_t *end;   // one past the buffer
	bool failed;    // something did not fit
};

struct reader reader_of(const void *bytes, size_t length);
size_t reader_left(const struct reader *r);
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
uint16_t read_u16_le(struct reader *r);
uint32_t read_u32_le(struct reader *r);
uint64_t read_u64_le(struct reader *r);
// Copies `length` bytes out; on failure `to` is zero-filled.
void read_bytes(struct reader *r, void *to, size_t length);
void read_skip(struct reader *r, size_t length);
// A view of the next `length` bytes, consumed here; an empty failed reader if there are fewer.
struct reader read_sub(struct reader *r, size_t length);
// A NUL-terminated string inside the buffer, consumed with its NUL; NULL (and failed) without NUL.
const char *read_string(struct reader *r);

struct writer writer_of(void *buffer, size_t size);
// Bytes written so far.
size_t writer_length(const struct writer *w);
size_t writer_left(const struct writer *w);
void write_u8(struct writer *w, uint8_t value);
void write_u16(struct writer *w, uint16_t value);
void write_u32(struct writer *w, uint32_t value);
void write_u64(struct writer *w, uint64_t value);
void write_u16_le(struct writer *w, uint16_t value);
void write_u32_le(struct writer *w, uint32_t value);
void write_u64_le(struct writer *w, uint64_t value);
void write_bytes(struct writer *w, const void *from, size_t length);
void write_zeros(struct writer *w, size_t length);
// The text with its terminating NUL.
void write_string(struct writer *w, const char *text);
// Overwrites two bytes at `offset`, already written (lengths and checksums).
void write_u16_at(struct writer *w, size_t offset, uint16_t value);
