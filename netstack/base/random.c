// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/random.h"
#include "netstack/base/bytes.h"

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

// SipHash-2-4 of the eight bytes of `message`, little-endian.
static uint64_t siphash(const uint64_t key[2], uint64_t message)
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
	const uint64_t blocks[2] = {message, (uint64_t)8 << 56};

	for (int i = 0; i < 2; i++) {
		v[3] ^= blocks[i];
		sip_round(v);
		sip_round(v);
		v[0] ^= blocks[i];
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void random_seed(struct random *r, const uint8_t seed[16])
{
	struct reader in = reader_of(seed, 16);

	r->key[0] = read_u64_le(&in);
	r->key[1] = read_u64_le(&in);
	r->counter = 0;
}

void random_stir(uint8_t seed[16], const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length) {
		struct writer out = writer_of(seed, 16);
		struct random r;

		random_seed(&r, seed);
		while (writer_left(&out))
			write_u32_le(&out, random_u32(&r));
		for (size_t i = 0; i < 16 && length; i++, length--)
			seed[i] ^= *from++;
	}
}

uint32_t random_u32(struct random *r)
{
	return (uint32_t)siphash(r->key, r->counter++);
}

// The blocks one after the other, each keyed anew; `length` opens the chain.
uint32_t random_of(const struct random *r, const void *bytes, size_t length)
{
	const uint64_t key[2] = {r->key[0], ~r->key[1]};
	const uint8_t *from = bytes;
	uint64_t state = siphash(key, length);

	while (length) {
		uint64_t block = 0;

		for (int i = 0; i < 8 && length; i++, length--)
			block |= (uint64_t)*from++ << 8 * i;
		state = siphash(key, state ^ block);
	}
	return (uint32_t)state;
}

uint32_t random_below(struct random *r, uint32_t bound)
{
	return random_u32(r) % bound;
}
