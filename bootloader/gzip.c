// SPDX-License-Identifier: BSD-2-Clause
// RFC 1952 (the file) and RFC 1951 (deflate). Codes of up to FAST bits are found in a table by the next
// bits of the input, longer ones bit by bit: canonical codes of one length are consecutive numbers.
#include "bootloader/gzip.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"

enum {
	FAST = 10,
	LONGEST = 15,       // bits of a code
	LITERALS = 288,     // literals and lengths, with the two that never occur
	DISTANCES = 30,
	CODE_LENGTHS = 19,
	END_OF_BLOCK = 256,
	DEFLATE = 8,
	FLAG_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xe0,
};

struct code {
	uint16_t fast[1 << FAST];    // symbol * 16 + bits; 0: a longer code, or none
	uint16_t count[LONGEST + 1]; // codes of each length
	uint16_t symbols[LITERALS];  // in the order of their codes
};

struct inflate {
	const uint8_t *at, *end;
	uint64_t bits;               // read ahead; the next one is the lowest
	unsigned ready;              // how many
	uint8_t *to;
	uint64_t size, room;
	enum gzip_result result;     // once it is not GZIP_DONE, nothing goes on
	struct code literals, distances;
};

// ---- bits ----------------------------------------------------------------------------------------

static void fail(struct inflate *s, enum gzip_result why)
{
	if (s->result == GZIP_DONE)
		s->result = why;
}

static void refill(struct inflate *s)
{
	for (; s->ready <= 56 && s->at < s->end; s->ready += 8)
		s->bits |= (uint64_t)*s->at++ << s->ready;
}

static bool drop(struct inflate *s, unsigned count)
{
	if (count > s->ready) {
		fail(s, GZIP_CUT);
		return false;
	}
	s->bits >>= count;
	s->ready -= count;
	return true;
}

// At most 16 bits; 0 behind the end.
static uint32_t take(struct inflate *s, unsigned count)
{
	uint32_t value;

	refill(s);
	value = (uint32_t)s->bits & ((1u << count) - 1);
	return drop(s, count) ? value : 0;
}

// ---- codes ---------------------------------------------------------------------------------------

static uint32_t reversed(uint32_t code, unsigned length)
{
	uint32_t result = 0;

	for (; length; length--, code >>= 1)
		result = result << 1 | (code & 1);
	return result;
}

// Codes of a length are numbered on from those of the shorter ones (RFC 1951 section 3.2.2).
static void fill_fast(struct code *c, const uint8_t *lengths, size_t symbols)
{
	uint32_t next[LONGEST + 2] = {0};

	for (unsigned n = 1; n <= LONGEST; n++)
		next[n + 1] = (next[n] + c->count[n]) << 1;
	memset(c->fast, 0, sizeof c->fast);
	for (size_t i = 0; i < symbols; i++) {
		const unsigned n = lengths[i];
		const uint32_t code = n ? next[n]++ : 0;

		if (n && n <= FAST)
			for (uint32_t at = reversed(code, n); at < 1 << FAST; at += 1u << n)
				c->fast[at] = (uint16_t)(i << 4 | n);
	}
}

// False if the lengths promise more codes than there are, or fewer. One code alone may be incomplete.
static bool make_code(struct code *c, const uint8_t *lengths, size_t symbols)
{
	uint16_t place[LONGEST + 2] = {0};
	int32_t left = 1;

	memset(c->count, 0, sizeof c->count);
	for (size_t i = 0; i < symbols; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	for (unsigned n = 1; n <= LONGEST; n++) {
		left = left * 2 - c->count[n];
		if (left < 0)
			return false;
		place[n + 1] = place[n] + c->count[n];
	}
	if (left > 0 && (place[LONGEST + 1] > 1 || c->count[1] != place[LONGEST + 1]))
		return false;
	for (size_t i = 0; i < symbols; i++)
		if (lengths[i])
			c->symbols[place[lengths[i]]++] = (uint16_t)i;
	fill_fast(c, lengths, symbols);
	return true;
}

static uint32_t slow_symbol(struct inflate *s, const struct code *c)
{
	uint32_t code = 0, first = 0, index = 0;

	for (unsigned n = 1; n <= LONGEST; n++) {
		code |= (uint32_t)(s->bits >> (n - 1)) & 1;
		if (code - first < c->count[n])
			return drop(s, n) ? c->symbols[index + code - first] : 0;
		index += c->count[n];
		first = (first + c->count[n]) << 1;
		code <<= 1;
	}
	fail(s, s->ready < LONGEST ? GZIP_CUT : GZIP_DAMAGED);
	return 0;
}

static uint32_t symbol(struct inflate *s, const struct code *c)
{
	uint32_t entry;

	refill(s);
	entry = c->fast[s->bits & ((1 << FAST) - 1)];
	if (!entry)
		return slow_symbol(s, c);
	return drop(s, entry & 15) ? entry >> 4 : 0;
}

// ---- blocks --------------------------------------------------------------------------------------

static void put(struct inflate *s, uint8_t byte)
{
	if (s->size == s->room)
		fail(s, GZIP_FULL);
	else
		s->to[s->size++] = byte;
}

static void copy(struct inflate *s, uint32_t distance, uint32_t length)
{
	if (distance > s->size) {
		fail(s, GZIP_DAMAGED);
		return;
	}
	if (length > s->room - s->size) {
		length = (uint32_t)(s->room - s->size);
		fail(s, GZIP_FULL);
	}
	for (uint8_t *to = s->to + s->size; length; length--, to++, s->size++)
		*to = *(to - distance);
}

// The length or distance of a code: `base` and so many bits more, in the pattern of RFC 1951 section
// 3.2.5: each `step` codes have one bit more than those before.
static uint32_t extended(struct inflate *s, uint32_t code, unsigned step, uint32_t least)
{
	const uint32_t steps = code / step, extra = steps ? steps - 1 : 0;

	if (!steps)
		return least + code;
	return least + ((step + code % step) << extra) + take(s, extra);
}

static void read_match(struct inflate *s, uint32_t code)
{
	uint32_t length = 258, distance;

	if (code > 285) {
		fail(s, GZIP_DAMAGED);
		return;
	}
	if (code < 285)
		length = extended(s, code - 257, 4, 3);
	code = symbol(s, &s->distances);
	if (code >= DISTANCES) {
		fail(s, GZIP_DAMAGED);
		return;
	}
	distance = extended(s, code, 2, 1);
	if (s->result == GZIP_DONE)
		copy(s, distance, length);
}

static void read_codes(struct inflate *s)
{
	while (s->result == GZIP_DONE) {
		uint32_t code = symbol(s, &s->literals);

		if (s->result != GZIP_DONE || code == END_OF_BLOCK)
			return;
		if (code < END_OF_BLOCK)
			put(s, (uint8_t)code);
		else
			read_match(s, code);
	}
}

// What was read ahead in whole bytes is given back.
static void to_byte(struct inflate *s)
{
	drop(s, s->ready % 8);
	s->at -= s->ready / 8;
	s->ready = 0;
	s->bits = 0;
}

static void read_stored(struct inflate *s)
{
	uint32_t length, check;

	to_byte(s);
	length = take(s, 16);
	check = take(s, 16);
	to_byte(s);
	if (s->result == GZIP_DONE && (length ^ check) != 0xffff)
		fail(s, GZIP_DAMAGED);
	for (; s->result == GZIP_DONE && length; length--) {
		if (s->at == s->end)
			fail(s, GZIP_CUT);
		else
			put(s, *s->at++);
	}
}

static void read_fixed(struct inflate *s)
{
	uint8_t lengths[LITERALS];

	memset(lengths, 8, sizeof lengths);
	memset(lengths + 144, 9, 256 - 144);
	memset(lengths + 256, 7, 280 - 256);
	make_code(&s->literals, lengths, LITERALS);
	memset(lengths, 5, 32);
	make_code(&s->distances, lengths, 32);
	read_codes(s);
}

// Lengths, themselves in a code that repeats: 16 the one before, 17 and 18 zeros.
static void read_lengths(struct inflate *s, const struct code *c, uint8_t *lengths, size_t count)
{
	for (size_t i = 0; i < count && s->result == GZIP_DONE;) {
		uint32_t what = symbol(s, c), repeat = 1;
		uint8_t length = (uint8_t)what;

		if (what >= 16) {
			length = what == 16 && i ? lengths[i - 1] : 0;
			repeat = what == 16 ? 3 + take(s, 2) : what == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
			if (what == 16 && !i)
				fail(s, GZIP_DAMAGED);
		}
		if (repeat > count - i) {
			fail(s, GZIP_DAMAGED);
			return;
		}
		memset(lengths + i, length, repeat);
		i += repeat;
	}
}

static void read_dynamic(struct inflate *s)
{
	static const uint8_t order[CODE_LENGTHS] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	const uint32_t literals = take(s, 5) + 257, distances = take(s, 5) + 1, count = take(s, 4) + 4;
	uint8_t lengths[LITERALS + 32] = {0};

	for (uint32_t i = 0; i < count; i++)
		lengths[order[i]] = (uint8_t)take(s, 3);
	if (s->result != GZIP_DONE)
		return;
	if (literals > 286 || !make_code(&s->distances, lengths, CODE_LENGTHS)) {
		fail(s, GZIP_DAMAGED);
		return;
	}
	memset(lengths, 0, sizeof lengths);
	read_lengths(s, &s->distances, lengths, literals + distances);
	if (s->result != GZIP_DONE)
		return;
	if (!lengths[END_OF_BLOCK] || !make_code(&s->literals, lengths, literals) ||
		!make_code(&s->distances, lengths + literals, distances)) {
		fail(s, GZIP_DAMAGED);
		return;
	}
	read_codes(s);
}

static void read_blocks(struct inflate *s)
{
	bool last = false;

	while (!last && s->result == GZIP_DONE) {
		last = take(s, 1);
		switch (take(s, 2)) {
		case 0: read_stored(s); break;
		case 1: read_fixed(s); break;
		case 2: read_dynamic(s); break;
		default: fail(s, GZIP_DAMAGED);
		}
	}
}

// ---- the file ------------------------------------------------------------------------------------

static uint32_t crc32(const uint8_t *bytes, uint64_t length)
{
	uint32_t table[256], crc = UINT32_MAX;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *bytes++) & 0xff];
	return ~crc;
}

bool gzip_begins(const uint8_t *bytes, size_t length)
{
	return length >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == DEFLATE;
}

static void skip_text(struct reader *r)
{
	while (reader_left(r) && read_u8(r))
		;
}

// RFC 1952 section 2.3: to the first byte of what is packed.
static bool read_head(struct reader *r)
{
	uint8_t head[10];

	read_bytes(r, head, sizeof head);
	if (r->failed || !gzip_begins(head, sizeof head) || head[3] & FLAGS_RESERVED)
		return false;
	if (head[3] & FLAG_EXTRA)
		read_skip(r, read_u16_le(r));
	if (head[3] & FLAG_NAME)
		skip_text(r);
	if (head[3] & FLAG_COMMENT)
		skip_text(r);
	if (head[3] & FLAG_CRC)
		read_skip(r, 2);
	return !r->failed;
}

static void check_tail(struct inflate *s)
{
	struct reader r;
	uint32_t crc, size;

	to_byte(s);
	r = reader_of(s->at, (size_t)(s->end - s->at));
	crc = read_u32_le(&r);
	size = read_u32_le(&r);
	if (r.failed)
		fail(s, GZIP_CUT);
	else if (size != (uint32_t)s->size || crc != crc32(s->to, s->size))
		fail(s, GZIP_DAMAGED);
}

enum gzip_result gzip_unpack(const uint8_t *from, uint64_t length, uint8_t *to, uint64_t room,
	uint64_t *size)
{
	struct reader r = reader_of(from, (size_t)length);
	struct inflate s = {.end = from + length, .to = to, .room = room};

	*size = 0;
	if (!read_head(&r))
		return gzip_begins(from, (size_t)length) && r.failed ? GZIP_CUT : GZIP_DAMAGED;
	s.at = r.at;
	read_blocks(&s);
	if (s.result == GZIP_DONE)
		check_tail(&s);
	*size = s.size;
	return s.result;
}
