// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"

struct reader reader_of(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	return (struct reader){.at = at, .end = length ? at + length : at};
}

size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : (size_t)(r->end - r->at);
}

// The next `length` bytes, consumed; NULL and a sticky failure if there are fewer.
static const uint8_t *take(struct reader *r, size_t length)
{
	const uint8_t *at = r->at;

	if (r->failed || (size_t)(r->end - r->at) < length) {
		r->failed = true;
		return NULL;
	}
	if (length) // NULL + 0 is undefined in C
		r->at += length;
	return at;
}

static uint64_t read_big(struct reader *r, size_t length)
{
	const uint8_t *b = take(r, length);
	uint64_t value = 0;

	for (size_t i = 0; b && i < length; i++)
		value = value << 8 | b[i];
	return value;
}

static uint64_t read_little(struct reader *r, size_t length)
{
	const uint8_t *b = take(r, length);
	uint64_t value = 0;

	for (size_t i = length; b && i > 0; i--)
		value = value << 8 | b[i - 1];
	return value;
}

uint8_t read_u8(struct reader *r)
{
	return (uint8_t)read_big(r, 1);
}

uint16_t read_u16(struct reader *r)
{
	return (uint16_t)read_big(r, 2);
}

uint32_t read_u32(struct reader *r)
{
	return (uint32_t)read_big(r, 4);
}

uint64_t read_u64(struct reader *r)
{
	return read_big(r, 8);
}

uint16_t read_u16_le(struct reader *r)
{
	return (uint16_t)read_little(r, 2);
}

uint32_t read_u32_le(struct reader *r)
{
	return (uint32_t)read_little(r, 4);
}

uint64_t read_u64_le(struct reader *r)
{
	return read_little(r, 8);
}

void read_bytes(struct reader *r, void *to, size_t length)
{
	const uint8_t *b = take(r, length);

	if (b)
		memcpy(to, b, length);
	else
		memset(to, 0, length);
}

void read_skip(struct reader *r, size_t length)
{
	take(r, length);
}

struct reader read_sub(struct reader *r, size_t length)
{
	const uint8_t *b = take(r, length);

	if (r->failed)
		return (struct reader){.at = r->end, .end = r->end, .failed = true};
	return reader_of(b, length);
}

const char *read_string(struct reader *r)
{
	const uint8_t *start = r->at;

	while (!r->failed && r->at < r->end)
		if (*r->at++ == 0)
			return (const char *)start;
	r->failed = true;
	return NULL;
}

struct writer writer_of(void *buffer, size_t size)
{
	uint8_t *at = buffer;

	return (struct writer){.start = at, .at = at, .end = size ? at + size : at};
}

size_t writer_length(const struct writer *w)
{
	return (size_t)(w->at - w->start);
}

size_t writer_left(const struct writer *w)
{
	return w->failed ? 0 : (size_t)(w->end - w->at);
}

// Room for `length` bytes, claimed; NULL and a sticky failure if it is not there.
static uint8_t *claim(struct writer *w, size_t length)
{
	uint8_t *at = w->at;

	if (w->failed || (size_t)(w->end - w->at) < length) {
		w->failed = true;
		return NULL;
	}
	if (length)
		w->at += length;
	return at;
}

static void write_big(struct writer *w, uint64_t value, size_t length)
{
	uint8_t *b = claim(w, length);

	for (size_t i = length; b && i > 0; i--, value >>= 8)
		b[i - 1] = (uint8_t)value;
}

static void write_little(struct writer *w, uint64_t value, size_t length)
{
	uint8_t *b = claim(w, length);

	for (size_t i = 0; b && i < length; i++, value >>= 8)
		b[i] = (uint8_t)value;
}

void write_u8(struct writer *w, uint8_t value)
{
	write_big(w, value, 1);
}

void write_u16(struct writer *w, uint16_t value)
{
	write_big(w, value, 2);
}

void write_u32(struct writer *w, uint32_t value)
{
	write_big(w, value, 4);
}

void write_u64(struct writer *w, uint64_t value)
{
	write_big(w, value, 8);
}

void write_u16_le(struct writer *w, uint16_t value)
{
	write_little(w, value, 2);
}

void write_u32_le(struct writer *w, uint32_t value)
{
	write_little(w, value, 4);
}

void write_u64_le(struct writer *w, uint64_t value)
{
	write_little(w, value, 8);
}

void write_bytes(struct writer *w, const void *from, size_t length)
{
	uint8_t *b = claim(w, length);

	if (b && length)
		memcpy(b, from, length);
}

void write_zeros(struct writer *w, size_t length)
{
	uint8_t *b = claim(w, length);

	if (b)
		memset(b, 0, length);
}

void write_string(struct writer *w, const char *text)
{
	write_bytes(w, text, strlen(text) + 1);
}

void write_u16_at(struct writer *w, size_t offset, uint16_t value)
{
	if (writer_length(w) < 2 || offset > writer_length(w) - 2) {
		w->failed = true;
		return;
	}
	w->start[offset] = (uint8_t)(value >> 8);
	w->start[offset + 1] = (uint8_t)value;
}
