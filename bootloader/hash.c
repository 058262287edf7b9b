// SPDX-License-Identifier: BSD-2-Clause
// The frame that these functions share (blocks, padding), MD5 and SHA-1. Written to be small.
#include "bootloader/hash_parts.h"
#include "netstack/base/memory.h"

void hash_start(struct hash *h, const struct hash_kind *kind)
{
	memset(h, 0, sizeof *h);
	h->kind = kind;
	kind->start(h);
}

void hash_add(struct hash *h, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length--) {
		h->block[h->length++ & (h->kind->block - 1)] = *from++;
		if ((h->length & (h->kind->block - 1)) == 0)
			h->kind->mix(h);
	}
}

// The length in bits at the end of the last block.
static void add_length(struct hash *h, uint32_t length)
{
	uint8_t bytes[8] = {0};

	for (int i = 0; i < 5; i++)
		bytes[h->kind->little ? i : 7 - i] = (uint8_t)((uint64_t)length << 3 >> 8 * i);
	hash_add(h, bytes, sizeof bytes);
}

void hash_end(struct hash *h, uint8_t *digest)
{
	static const uint8_t one = 0x80, zero = 0;
	const uint32_t length = h->length;
	const unsigned word = h->kind->word;

	hash_add(h, &one, 1);
	while ((h->length & (h->kind->block - 1)) != h->kind->block - 2u * word)
		hash_add(h, &zero, 1);
	if (word == 8) // the length has 128 bits
		hash_add(h, "\0\0\0\0\0\0\0", 8);
	add_length(h, length);
	for (unsigned i = 0; i < h->kind->size; i++) {
		const unsigned byte = h->kind->little ? i % word : word - 1 - i % word;

		digest[i] = word == 8 ? (uint8_t)(h->state.wide[i / 8] >> 8 * byte)
				      : (uint8_t)(h->state.narrow[i / 4] >> 8 * byte);
	}
}

size_t hash_size(const struct hash_kind *kind)
{
	return kind->size;
}

uint32_t hash_word(const struct hash *h, unsigned i)
{
	const uint8_t *at = h->block + 4 * i;

	if (h->kind->little)
		return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t left(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

// Both begin with the first of these; the fifth is SHA-1's.
static void start_narrow(struct hash *h)
{
	static const uint32_t first[] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};

	memcpy(h->state.narrow, first, sizeof first);
}

// ---- MD5 (RFC 1321) ------------------------------------------------------------------------------

static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
	0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
	0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
	0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
	0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static void mix_md5(struct hash *h)
{
	static const uint8_t turns[4][4] = {
		{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21},
	};
	static const uint8_t step[4] = {1, 5, 3, 7}, from[4] = {0, 1, 5, 0};
	uint32_t *s = h->state.narrow, a = s[0], b = s[1], c = s[2], d = s[3];

	for (unsigned i = 0; i < 64; i++) {
		const unsigned round = i / 16;
		uint32_t f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) :
			     round == 2 ? b ^ c ^ d : c ^ (b | ~d);

		f += a + sines[i] + hash_word(h, (from[round] + step[round] * i) & 15);
		a = d;
		d = c;
		c = b;
		b += left(f, turns[round][i & 3]);
	}
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
}

const struct hash_kind hash_md5 = {start_narrow, mix_md5, 64, 4, 16, true};

// ---- SHA-1 (RFC 3174) ----------------------------------------------------------------------------

static void mix_sha1(struct hash *h)
{
	static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
	uint32_t *s = h->state.narrow, a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], w[80];

	for (unsigned i = 0; i < 80; i++) {
		const unsigned round = i / 20;
		uint32_t f = round == 0 ? (b & c) | (~b & d) :
			     round == 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;

		w[i] = i < 16 ? hash_word(h, i) :
			left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
		f += left(a, 5) + e + constants[round] + w[i];
		e = d;
		d = c;
		c = left(b, 30);
		b = a;
		a = f;
	}
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
}

const struct hash_kind hash_sha1 = {start_narrow, mix_sha1, 64, 4, 20, false};
