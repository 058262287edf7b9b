// SPDX-License-Identifier: BSD-2-Clause
// bios/memory_map.h: spans added in any order, holes, places, and a comparison with a plain bitmap.
#include "bios/memory_map.c"
#include "tests/unit/vectors.h"

static void assert_map(const struct memory_map *m, const char *expected)
{
	char text[1024] = "";

	for (size_t i = 0; i < m->count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%llu-%llu", i ? " " : "",
			(unsigned long long)m->spans[i].start, (unsigned long long)m->spans[i].end);
	assert_string_equal(text, expected);
}

static void adds_in_any_order(void **state)
{
	struct memory_map m = {0};

	(void)state;
	memory_map_add(&m, 50, 60);
	memory_map_add(&m, 10, 20);
	memory_map_add(&m, 30, 40);
	assert_map(&m, "10-20 30-40 50-60");
	memory_map_add(&m, 20, 30); // touches both neighbours
	assert_map(&m, "10-40 50-60");
	memory_map_add(&m, 5, 100);
	assert_map(&m, "5-100");
	memory_map_add(&m, 7, 7);
	memory_map_add(&m, 200, 150);
	assert_map(&m, "5-100");
	assert_int_equal(memory_map_total(&m), 95);
}

static void removes_what_is_there(void **state)
{
	struct memory_map m = {0};

	(void)state;
	memory_map_add(&m, 10, 100);
	memory_map_remove(&m, 40, 50);
	assert_map(&m, "10-40 50-100");
	memory_map_remove(&m, 0, 20);
	memory_map_remove(&m, 90, 200);
	assert_map(&m, "20-40 50-90");
	memory_map_remove(&m, 30, 60);
	assert_map(&m, "20-30 60-90");
	memory_map_remove(&m, 20, 30);
	assert_map(&m, "60-90");
	memory_map_remove(&m, 0, UINT64_MAX);
	assert_map(&m, "");
}

static bool find(const struct memory_map *m, uint64_t size, uint64_t min, uint64_t max,
	uint32_t align, bool top, uint64_t *at)
{
	const struct platform_place want = {size, min, max, align, top};

	return memory_map_find(m, &want, at);
}

static void finds_places(void **state)
{
	struct memory_map m = {0};
	uint64_t at;

	(void)state;
	memory_map_add(&m, 0x1000, 0x5000);
	memory_map_add(&m, 0x8000, 0x20000);
	assert_true(find(&m, 0x1000, 0, UINT64_MAX, 1, false, &at) && at == 0x1000);
	assert_true(find(&m, 0x5000, 0, UINT64_MAX, 1, false, &at) && at == 0x8000);
	assert_true(find(&m, 0x1000, 0, UINT64_MAX, 1, true, &at) && at == 0x1f000);
	assert_true(find(&m, 0x1000, 0, 0x1ffff, 1, true, &at) && at == 0x1f000);
	assert_true(find(&m, 0x1000, 0, 0x1fffe, 1, true, &at) && at == 0x1efff);
	assert_true(find(&m, 0x10, 0, 0x1fffe, 0x1000, true, &at) && at == 0x1f000);
	assert_true(find(&m, 0x1000, 0, 0x6000, 1, true, &at) && at == 0x4000);
	assert_true(find(&m, 0x1000, 0x1001, UINT64_MAX, 0x1000, false, &at) && at == 0x2000);
	assert_true(find(&m, 0x10000, 0, UINT64_MAX, 0x10000, false, &at) && at == 0x10000);
	assert_false(find(&m, 0x18001, 0, UINT64_MAX, 1, false, &at));
	assert_false(find(&m, 0x1000, 0x4001, 0x8ffe, 0x1000, false, &at));
	assert_false(find(&m, 0x1000, 0x20000, UINT64_MAX, 1, false, &at));
	assert_false(find(&m, 0, 0, UINT64_MAX, 1, false, &at));
	assert_false(find(&m, UINT64_MAX, 0, UINT64_MAX, 1, false, &at));
	assert_true(memory_map_has(&m, 0x8000, 0x20000));
	assert_false(memory_map_has(&m, 0x8000, 0x20001));
	assert_false(memory_map_has(&m, 0x4000, 0x9000));
}

// With every second byte free the list is full; it may lose memory then, but never give what is not
// free.
static void survives_too_many_spans(void **state)
{
	struct memory_map m = {0};

	(void)state;
	for (uint64_t i = 0; i < 4 * MEMORY_SPANS; i++)
		memory_map_add(&m, i * 2, i * 2 + 1);
	assert_int_equal(m.count, MEMORY_SPANS);
	memory_map_remove(&m, 0, UINT64_MAX);
	memory_map_add(&m, 0, 10000);
	for (uint64_t i = 0; i < 4 * MEMORY_SPANS; i++)
		memory_map_remove(&m, i * 2, i * 2 + 1);
	for (size_t i = 0; i < m.count; i++)
		for (uint64_t at = m.spans[i].start; at < m.spans[i].end && at < 8 * MEMORY_SPANS; at++)
			assert_int_equal(at % 2, 1);
}

// Made-up maps against an array of flags.
static void agrees_with_flags(void **state)
{
	enum { SIZE = 300, STEPS = 400 };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct memory_map m = {0};
		uint8_t flags[SIZE] = {0};

		for (int step = 0; step < STEPS; step++) {
			unsigned start, end;

			seed = seed * 1664525 + 1013904223;
			start = (seed >> 8) % SIZE;
			end = start + (seed >> 20) % 30;
			end = end > SIZE ? SIZE : end;
			if (seed >> 31)
				memory_map_add(&m, start, end);
			else
				memory_map_remove(&m, start, end);
			for (unsigned i = start; i < end; i++)
				flags[i] = seed >> 31;
		}
		for (unsigned i = 0; i < SIZE; i++)
			assert_int_equal(memory_map_has(&m, i, i + 1), flags[i]);
		for (size_t i = 0; i + 1 < m.count; i++)
			assert_true(m.spans[i].end < m.spans[i + 1].start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_in_any_order),
		cmocka_unit_test(removes_what_is_there),
		cmocka_unit_test(finds_places),
		cmocka_unit_test(survives_too_many_spans),
		cmocka_unit_test(agrees_with_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
