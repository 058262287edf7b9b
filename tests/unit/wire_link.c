// SPDX-License-Identifier: BSD-2-Clause
// tests/wire/link.h: when frames arrive, and what chance does to them.
#include "tests/wire/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MS = 1000000, COUNT = 10000, SIZE = 1000 };

static struct link l;
static struct link_copy copies[LINK_COPIES];
static uint8_t frame[SIZE] = {[12] = 8};

static void begin(struct link_chances chances, struct link_cut *cut)
{
	link_init(&l, &chances, cut, 7);
}

static size_t take(uint64_t now)
{
	return link_take(&l, frame, SIZE, now, copies);
}

static void nothing_happens_by_itself(void **state)
{
	(void)state;
	begin((struct link_chances){0}, NULL);
	for (uint64_t now = 0; now < COUNT; now++) {
		assert_int_equal(take(now), 1);
		assert_int_equal(copies[0].due, now);
		assert_false(copies[0].corrupt);
	}
}

// How many of COUNT frames have it, in thousandths.
static void assert_share(uint64_t count, unsigned least, unsigned most)
{
	assert_in_range(count * 1000 / COUNT, least, most);
}

static void each_chance_has_its_share(void **state)
{
	uint64_t arrived = 0;

	(void)state;
	begin((struct link_chances){.loss = 100000, .duplicate = 20000, .corrupt = 50000,
		.reorder = 10000, .reorder_by = MS}, NULL);
	for (uint64_t i = 0; i < COUNT; i++)
		arrived += take(i * MS);
	assert_int_equal(arrived, COUNT - l.count.lost + l.count.doubled);
	assert_int_equal(l.count.frames, COUNT);
	assert_int_equal(l.count.bytes, COUNT * SIZE);
	assert_share(l.count.lost, 90, 110);
	assert_share(l.count.doubled, 14, 24);
	assert_share(l.count.corrupted, 40, 54);
	assert_share(l.count.reordered, 7, 13);
}

static void certain_and_impossible(void **state)
{
	(void)state;
	begin((struct link_chances){.loss = LINK_CERTAIN}, NULL);
	assert_int_equal(take(0), 0);
	begin((struct link_chances){.duplicate = LINK_CERTAIN, .corrupt = LINK_CERTAIN}, NULL);
	assert_int_equal(take(0), 2);
	assert_true(copies[0].corrupt && copies[1].corrupt);
}

static void the_same_seed_the_same_faults(void **state)
{
	const struct link_chances chances = {.loss = 300000, .jitter = MS, .corrupt = 300000};
	struct link other, third;
	unsigned different = 0;

	(void)state;
	begin(chances, NULL);
	link_init(&other, &chances, NULL, 7);
	link_init(&third, &chances, NULL, 8);
	for (uint64_t i = 0; i < 1000; i++) {
		struct link_copy again[LINK_COPIES];
		size_t count = take(i * MS);

		assert_int_equal(link_take(&other, frame, SIZE, i * MS, again), count);
		if (count) {
			assert_int_equal(again[0].due, copies[0].due);
			assert_int_equal(again[0].corrupt, copies[0].corrupt);
		}
		different += count != link_take(&third, frame, SIZE, i * MS, again);
	}
	assert_in_range(different, 300, 550);
}

// Jitter does not change the order, reordering does.
static void order(void **state)
{
	uint64_t last = 0, overtaken = 0;

	(void)state;
	begin((struct link_chances){.delay = 5 * MS, .jitter = 3 * MS}, NULL);
	for (uint64_t now = 0; now < 1000 * MS; now += MS / 4) {
		assert_int_equal(take(now), 1);
		assert_in_range(copies[0].due, now + 5 * MS, now + 8 * MS);
		assert_true(copies[0].due >= last);
		last = copies[0].due;
	}
	begin((struct link_chances){.reorder = 100000, .reorder_by = 2 * MS}, NULL);
	for (uint64_t now = 0; now < 1000 * MS; now += MS / 4) {
		take(now);
		overtaken += copies[0].due > now;
		assert_true(copies[0].due <= now + 2 * MS + 1);
	}
	assert_in_range(overtaken, 300, 500);
}

// 1000 bytes and what a cable adds take 8192 bit times.
static void rate(void **state)
{
	(void)state;
	begin((struct link_chances){.kbit = 8192, .delay = 10 * MS}, NULL);
	for (uint64_t i = 1; i <= 100; i++) {
		assert_int_equal(take(0), 1);
		assert_int_equal(copies[0].due, (i + 10) * MS);
	}
	take(500 * MS); // the cable is free by then
	assert_int_equal(copies[0].due, 511 * MS);
}

static void a_queue_has_an_end(void **state)
{
	uint64_t arrived = 0;

	(void)state;
	begin((struct link_chances){.kbit = 1000}, NULL);
	for (unsigned i = 0; i < 3000; i++)
		arrived += take(0);
	assert_in_range(arrived, LINK_QUEUE, 2 * LINK_QUEUE); // of short frames there are more
	assert_int_equal(l.count.dropped, 3000 - arrived);
}

// Both directions share it.
static void cut(void **state)
{
	struct link_cut c = {.after = 10 * SIZE, .lasts = 20 * MS};
	struct link back;
	size_t arrived = 0;

	(void)state;
	begin((struct link_chances){0}, &c);
	link_init(&back, &(struct link_chances){0}, &c, 8);
	for (uint64_t i = 0; i < 50; i++) {
		size_t here = take(i * MS), there = link_take(&back, frame, SIZE, i * MS, copies);

		assert_int_equal(here, i < 5 || i >= 25);
		assert_int_equal(there, i < 5 || i >= 25);
		arrived += here + there;
	}
	assert_int_equal(arrived, 60);
	assert_int_equal(l.count.cut + back.count.cut, 40);
	c = (struct link_cut){.after = 1};
	assert_int_equal(take(0), 0);
	assert_int_equal(take(1000000ull * MS), 0); // for good
}

// The Ethernet header stays, and ARP, in which nothing tells of damage.
static void what_may_be_damaged(void **state)
{
	uint8_t arp[60] = {[12] = 8, [13] = 6};

	(void)state;
	begin((struct link_chances){.corrupt = LINK_CERTAIN}, NULL);
	for (unsigned i = 0; i < COUNT; i++) {
		take(i);
		assert_in_range(copies[0].bit, 14 * 8, SIZE * 8 - 1);
		assert_int_equal(link_take(&l, arp, sizeof arp, i, copies), 1);
		assert_false(copies[0].corrupt);
		assert_int_equal(link_take(&l, frame, 14, i, copies), 1);
		assert_false(copies[0].corrupt);
	}
	assert_int_equal(l.count.corrupted, COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens_by_itself),
		cmocka_unit_test(each_chance_has_its_share),
		cmocka_unit_test(certain_and_impossible),
		cmocka_unit_test(the_same_seed_the_same_faults),
		cmocka_unit_test(order),
		cmocka_unit_test(rate),
		cmocka_unit_test(a_queue_has_an_end),
		cmocka_unit_test(cut),
		cmocka_unit_test(what_may_be_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
