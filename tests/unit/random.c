// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/random.h: SipHash-2-4 as published, the same seed gives the same numbers, bounds.
#include "netstack/base/random.h"
#include "tests/unit/vectors.h"

static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The reference vector of SipHash-2-4-64 for key 00..0f and message 00..07 is, in its byte order,
// 62 24 93 9a 79 f5 f5 93; our message is the counter in little-endian order.
static void is_siphash(void **state)
{
	struct random r;

	(void)state;
	random_seed(&r, key);
	r.counter = 0x0706050403020100;
	assert_true(random_u32(&r) == 0x9a932462);
}

static void same_seed_same_numbers(void **state)
{
	struct random a, b, c;
	uint8_t other[16] = {1};
	int differing = 0;

	(void)state;
	random_seed(&a, key);
	random_seed(&b, key);
	random_seed(&c, other);
	for (int i = 0; i < 100; i++) {
		uint32_t n = random_u32(&a);

		assert_true(n == random_u32(&b));
		differing += n != random_u32(&c);
	}
	assert_in_range(differing, 99, 100);
}

static void stays_below_its_bound(void **state)
{
	static const uint32_t bounds[] = {1, 2, 10, 1000, 0x80000001};
	struct random r;
	unsigned seen = 0;

	(void)state;
	random_seed(&r, key);
	for (size_t i = 0; i < COUNT(bounds); i++)
		for (int j = 0; j < 1000; j++)
			assert_true(random_below(&r, bounds[i]) < bounds[i]);
	for (int j = 0; j < 1000; j++)
		seen |= 1u << random_below(&r, 16);
	assert_int_equal(seen, 0xffff);
}

// Every byte of every source counts, and where it stands; a constant source takes nothing away.
static void stirs_everything_in(void **state)
{
	static const uint8_t text[40] = "forty bytes that are stirred into seeds";
	uint8_t plain[16], seed[16];

	(void)state;
	memcpy(plain, key, sizeof plain);
	random_stir(plain, text, sizeof text);
	assert_memory_not_equal(plain, key, sizeof plain);
	for (size_t i = 0; i < sizeof text; i++) {
		uint8_t other[sizeof text];

		memcpy(other, text, sizeof other);
		other[i] ^= 1;
		memcpy(seed, key, sizeof seed);
		random_stir(seed, other, sizeof other);
		assert_memory_not_equal(seed, plain, sizeof seed);
	}
	memcpy(seed, key, sizeof seed);
	seed[0] ^= 1;
	random_stir(seed, text, sizeof text);
	assert_memory_not_equal(seed, plain, sizeof seed);
	random_stir(seed, text, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_siphash),
		cmocka_unit_test(same_seed_same_numbers),
		cmocka_unit_test(stays_below_its_bound),
		cmocka_unit_test(stirs_everything_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
