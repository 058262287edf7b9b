// SPDX-License-Identifier: BSD-2-Clause
// bios/calls.h: the second function undoes the first for any bytes; equal calls look equal.
#include "bios/calls.c"
#include "tests/unit/vectors.h"

static uint32_t seed = 11;

static uint32_t number(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static void round_trip(struct bytes code)
{
	struct bytes copy = exact_copy(code.at, code.length);

	calls_to_places(copy.at, (uint32_t)copy.length);
	calls_to_distances(copy.at, (uint32_t)copy.length);
	if (code.length)
		assert_memory_equal(copy.at, code.at, code.length);
	exact_free(&copy);
	exact_free(&code);
}

// Distances around every border of the table in calls.c, at every place of a short code.
static void every_border_comes_back(void **state)
{
	static const int32_t around[] = {-2, -1, 0, 1, 2};
	enum { SIZE = 24 };

	(void)state;
	for (uint32_t at = 0; at + LENGTH <= SIZE; at++) {
		const uint32_t borders[] = {0, SIZE, SIZE - at, 0 - at, 0 - (uint32_t)SIZE, 0x80000000};

		for (unsigned b = 0; b < sizeof borders / sizeof *borders; b++) {
			for (unsigned i = 0; i < sizeof around / sizeof *around; i++) {
				uint8_t code[SIZE] = {0};

				code[at] = i & 1 ? 0xe9 : 0xe8;
				store(code + at + 1, borders[b] + (uint32_t)around[i]);
				round_trip(exact_copy(code, sizeof code));
			}
		}
	}
}

static void any_bytes_come_back(void **state)
{
	static const uint8_t likely[] = {0xe8, 0xe9, 0x00, 0xff, 0x01, 0xfe};
	uint8_t code[64];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t length = number() % (sizeof code + 1);

		for (size_t i = 0; i < length; i++)
			code[i] = number() & 3 ? likely[number() % sizeof likely] : (uint8_t)number();
		round_trip(exact_copy(code, length));
	}
}

// What looks like a call at the place before a call (89 e8 is a mov): its distance ends in the call's.
static void calls_behind_what_looks_like_one_come_back(void **state)
{
	enum { SIZE = 2000 };

	(void)state;
	for (uint32_t at = 10; at < SIZE - 10; at += 83) {
		for (uint32_t to = 0; to < SIZE; to += 7) {
			uint8_t code[SIZE] = {0};

			code[at - 1] = 0xe8 | (at & 1);
			code[at] = 0xe8;
			store(code + at + 1, to - at);
			round_trip(exact_copy(code, sizeof code));
		}
	}
}

static void calls_of_one_function_are_equal(void **state)
{
	uint8_t code[300] = {0};

	(void)state;
	for (uint32_t at = 10; at < 250; at += 60) {
		code[at] = 0xe8;
		store(code + at + 1, 200 - at - LENGTH);
	}
	calls_to_places(code, sizeof code);
	for (uint32_t at = 70; at < 250; at += 60)
		assert_memory_equal(code + 10, code + at, LENGTH);
	assert_int_equal(load(code + 11), 200 - LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_border_comes_back),
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(calls_behind_what_looks_like_one_come_back),
		cmocka_unit_test(calls_of_one_function_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
