// SPDX-License-Identifier: BSD-2-Clause
// server-stub/addresses.h: who gets which address of a pool, and for how long.
#include "server-stub/addresses.h"
#include "tests/unit/vectors.h"

enum { POOL = 8, LEASE = 600000 };

static struct addresses pool;
static const struct ipaddr nothing;
static uint64_t now;

static int set_up(void **state)
{
	struct ipaddr first = ipaddr_v4(10, 0, 0, 100), last = ipaddr_v4(10, 0, 0, 99 + POOL);

	(void)state;
	now = 5000;
	return addresses_start(&pool, &first, &last) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	addresses_end(&pool);
	return 0;
}

static struct ipaddr at(uint8_t last)
{
	return ipaddr_v4(10, 0, 0, last);
}

// The machine with that number.
static struct address_key machine(unsigned number)
{
	uint8_t hwaddr[6] = {0x52, 0x54, 0, 0, (uint8_t)(number >> 8), (uint8_t)number};

	return address_key_of(NULL, 0, hwaddr, sizeof hwaddr);
}

// The last byte of what the machine is offered, 0 for nothing.
static unsigned offer_wanted(unsigned number, struct ipaddr wanted)
{
	struct address_key key = machine(number);
	struct address *e = addresses_offer(&pool, &key, &wanted, now);
	struct ipaddr name;

	if (!e)
		return 0;
	name = addresses_name(&pool, e);
	assert_true(ipaddr_same_net(&name, &(struct ipaddr){IP_V4, {10, 0, 0, 0}}, 24));
	assert_in_range(name.bytes[3], 100, 99 + POOL);
	return name.bytes[3];
}

static unsigned offer(unsigned number)
{
	return offer_wanted(number, nothing);
}

// Whether the machine may have that address, and then has it.
static bool request(unsigned number, unsigned last)
{
	struct address_key key = machine(number);
	struct ipaddr wanted = at((uint8_t)last);
	struct address *e = addresses_request(&pool, &key, &wanted, now);

	if (!e)
		return false;
	addresses_lease(&pool, e, &key, now + LEASE);
	assert_ptr_equal(addresses_of(&pool, &key), e);
	assert_true(address_is_held(e, now));
	return true;
}

static unsigned boot(unsigned number)
{
	unsigned last = offer(number);

	assert_true(last && request(number, last));
	return last;
}

static void test_one_client_one_address(void **state)
{
	unsigned first = offer(1);

	(void)state;
	assert_int_not_equal(first, 0);
	assert_int_equal(offer(1), first);
	assert_int_equal(offer_wanted(1, at(first == 100 ? 101 : 100)), first);
	assert_true(request(1, first));
	now += LEASE / 2;
	assert_true(request(1, first)); // renewed
	now += LEASE - 1;
	assert_int_equal(offer(1), first);
	now += LEASE * 10;
	assert_int_equal(offer(1), first);
}

static void test_every_client_another(void **state)
{
	bool given[256] = {false};

	(void)state;
	for (unsigned i = 0; i < POOL; i++) {
		unsigned last = boot(i);

		assert_false(given[last]);
		given[last] = true;
	}
	assert_int_equal(offer(99), 0);
	assert_false(request(99, 100));
}

static void test_chosen_alike_after_everything_was_forgotten(void **state)
{
	struct ipaddr first = ipaddr_v4(10, 0, 0, 0), last = ipaddr_v4(10, 0, 3, 255);
	struct ipaddr before[20];
	unsigned neighbours = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		addresses_end(&pool);
		assert_true(addresses_start(&pool, &first, &last));
		for (unsigned i = 0; i < COUNT(before); i++) {
			struct address_key key = machine(i * 7);
			struct address *e = addresses_offer(&pool, &key, &nothing, now + i);
			struct ipaddr name = addresses_name(&pool, e);

			if (round)
				assert_true(ipaddr_equal(&before[i], &name));
			else if (i)
				neighbours += ipaddr_to_u32(&name) - ipaddr_to_u32(&before[i - 1]) == 1;
			before[i] = name;
		}
	}
	assert_in_range(neighbours, 0, 3); // not simply one after the other
}

// The hash is part of what a restarted server relies on, an update of it included.
static void test_choice_is_written_down(void **state)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x01};
	struct ipaddr first = ipaddr_v4(192, 168, 2, 128), last = ipaddr_v4(192, 168, 2, 254), name;
	struct address_key key = address_key_of(NULL, 0, mac, sizeof mac);

	(void)state;
	addresses_end(&pool);
	assert_true(addresses_start(&pool, &first, &last));
	name = addresses_name(&pool, addresses_offer(&pool, &key, &nothing, now));
	assert_int_equal(name.bytes[3], 190);
}

static void test_wanted_address(void **state)
{
	(void)state;
	assert_int_equal(offer_wanted(1, at(103)), 103);
	assert_int_not_equal(offer_wanted(2, at(103)), 103); // offered to another
	assert_true(request(1, 103));
	assert_int_not_equal(offer_wanted(3, at(103)), 103);
	assert_int_not_equal(offer_wanted(4, at(200)), 0);   // outside
	assert_int_not_equal(offer_wanted(5, ipaddr_v4(192, 168, 0, 100)), 0);
}

// RFC 2131 section 4.3.2: INIT-REBOOT and renewal at a server that knows nothing.
static void test_unknown_client_keeps_its_address(void **state)
{
	(void)state;
	assert_true(request(1, 105));
	assert_false(request(2, 105));
	assert_true(request(1, 105));
	assert_false(request(1, 99));
	assert_false(request(1, 100 + POOL));
	assert_int_equal(offer(1), 105);
	assert_true(request(1, 106)); // it moves
	assert_true(request(2, 105)); // what it had is free
}

static void test_an_offer_holds_a_minute(void **state)
{
	(void)state;
	assert_int_equal(offer_wanted(1, at(104)), 104);
	now += ADDRESSES_OFFER - 1;
	assert_false(request(2, 104));
	now++;
	assert_true(request(2, 104));
	assert_int_not_equal(offer(1), 104);
}

static void test_made_up_clients_do_not_exhaust(void **state)
{
	unsigned mine = boot(1);

	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		offer(1000 + i);
	assert_int_equal(offer(2), 0);
	now += ADDRESSES_HURRY;
	assert_int_not_equal(offer(2), 0);
	assert_int_not_equal(offer(2), mine);
	assert_int_equal(offer(1), mine);
}

static void test_expired_ones_are_last_and_oldest_first(void **state)
{
	unsigned order[POOL];

	(void)state;
	for (unsigned i = 0; i < POOL - 1; i++) {
		order[i] = boot(i);
		now += 1000;
	}
	now += LEASE;
	order[POOL - 1] = boot(POOL - 1); // the one that was never used
	for (unsigned i = 0; i < POOL - 1; i++)
		assert_int_not_equal(order[i], order[POOL - 1]);
	for (unsigned i = 0; i < POOL - 1; i++)
		assert_int_equal(boot(100 + i), order[i]);
	assert_int_equal(offer(50), 0);
}

static void test_an_old_client_gets_its_expired_address_back(void **state)
{
	unsigned mine = boot(1);

	(void)state;
	now += LEASE + 1;
	assert_int_not_equal(boot(2), mine);
	assert_int_equal(offer(1), mine);
	now += LEASE + 1;
	assert_true(request(3, mine)); // it did not ask for what it was offered
	assert_int_not_equal(offer(1), mine);
}

static void test_release(void **state)
{
	unsigned mine = boot(1);
	struct address_key key = machine(1), stranger = machine(2);
	struct ipaddr address = at((uint8_t)mine), wrong = at(mine == 100 ? 101 : 100);

	(void)state;
	assert_false(addresses_release(&pool, &stranger, &address, now));
	assert_false(addresses_release(&pool, &key, &wrong, now));
	assert_true(address_is_held(addresses_of(&pool, &key), now));
	assert_true(addresses_release(&pool, &key, &address, now));
	assert_false(address_is_held(addresses_of(&pool, &key), now));
	assert_int_equal(offer(1), mine);
	assert_true(request(1, mine));
	assert_true(addresses_release(&pool, &key, &address, now));
	assert_true(request(2, mine));
}

static void test_what_is_in_use_rests(void **state)
{
	unsigned mine = boot(1);
	struct address_key key = machine(1);

	(void)state;
	addresses_rest(&pool, addresses_of(&pool, &key), now);
	assert_null(addresses_of(&pool, &key));
	assert_int_not_equal(offer(1), mine);
	assert_int_not_equal(offer_wanted(2, at((uint8_t)mine)), mine);
	now += ADDRESSES_REST - 1;
	assert_false(request(3, mine));
	now++;
	assert_true(request(3, mine));
}

static void test_excluded_ones_are_never_given(void **state)
{
	struct ipaddr elsewhere = ipaddr_v4(10, 1, 0, 100);

	(void)state;
	for (uint8_t i = 0; i < POOL - 1; i++) {
		struct ipaddr a = at(100 + i);

		addresses_exclude(&pool, &a);
	}
	addresses_exclude(&pool, &nothing);
	addresses_exclude(&pool, &elsewhere);
	assert_int_equal(offer_wanted(1, at(100)), 99 + POOL);
	assert_int_equal(offer(2), 0);
	assert_false(request(1, 100));
	now += (uint64_t)1 << 40;
	assert_false(request(1, 100));
}

static void test_who_a_client_is(void **state)
{
	static const uint8_t mac[6] = {0x52, 0x54, 0, 0, 0, 1}, id[7] = {1, 0x52, 0x54, 0, 0, 0, 1},
		other[7] = {1, 0x52, 0x54, 0, 0, 0, 2}, uuid[17] = {0, 7}, large[200];
	struct address_key plain = address_key_of(NULL, 0, mac, 6);

	(void)state;
#define SAME(key) (memcmp(&(key), &plain, sizeof plain) == 0)
	assert_true(SAME(((struct address_key[]){address_key_of(id, 7, mac, 6)})[0]));
	assert_true(SAME(((struct address_key[]){address_key_of(large, sizeof large, mac, 6)})[0]));
	assert_true(SAME(((struct address_key[]){address_key_of(id, 0, mac, 6)})[0]));
	assert_false(SAME(((struct address_key[]){address_key_of(other, 7, mac, 6)})[0]));
	assert_false(SAME(((struct address_key[]){address_key_of(uuid, 17, mac, 6)})[0]));
	assert_int_equal(address_key_of(large, 67, mac, 6).length, 67);
}

static void test_what_is_known_of_a_client_goes_with_it(void **state)
{
	struct address_key key = machine(1);
	unsigned mine = boot(1);
	struct address *e = addresses_of(&pool, &key);

	(void)state;
	e->told = true;
	e->checked = now + 1;
	assert_int_equal(offer(1), mine);
	assert_true(e->told && e->checked);
	now += LEASE + 1;
	assert_true(request(2, mine));
	assert_true(!e->told && !e->checked);
}

static void test_default_pool(void **state)
{
	static const struct {
		struct ipaddr own;
		unsigned prefix;
		uint32_t first, last; // 0: none
	} cases[] = {
		{{IP_V4, {192, 168, 2, 2}}, 24, 0xc0a80280, 0xc0a802fe},
		{{IP_V4, {192, 168, 2, 200}}, 24, 0xc0a80280, 0xc0a802fe},
		{{IP_V4, {10, 0, 0, 1}}, 8, 0x0a800000, 0x0a800fff},
		{{IP_V4, {172, 16, 9, 1}}, 16, 0xac108000, 0xac108fff},
		{{IP_V4, {10, 0, 0, 1}}, 20, 0x0a000800, 0x0a000ffe},
		{{IP_V4, {10, 0, 0, 9}}, 29, 0x0a00000c, 0x0a00000e},
		{{IP_V4, {10, 0, 0, 1}}, 30, 0x0a000002, 0x0a000002},
		{{IP_V4, {10, 0, 0, 2}}, 30, 0x0a000001, 0x0a000001},
		{{IP_V4, {10, 0, 0, 2}}, 31, 0, 0},
		{{IP_V4, {10, 0, 0, 2}}, 32, 0, 0},
		{{IP_V4, {10, 0, 0, 2}}, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ipaddr first = {0}, last = {0};

		assert_int_equal(addresses_default_pool(&cases[i].own, cases[i].prefix, &first, &last),
			cases[i].first != 0);
		assert_int_equal(ipaddr_to_u32(&first), cases[i].first);
		assert_int_equal(ipaddr_to_u32(&last), cases[i].last);
	}
}

static void test_large_pools_are_cut(void **state)
{
	struct ipaddr first = ipaddr_v4(0, 0, 0, 0), last = ipaddr_v4(255, 255, 255, 255);

	(void)state;
	addresses_end(&pool);
	assert_true(addresses_start(&pool, &first, &last)); // 2^32 of them, 0 in 32 bits
	assert_int_equal(pool.count, ADDRESSES_MOST);
	addresses_end(&pool);
	last = ipaddr_v4(0, 1, 0, 0);
	assert_true(addresses_start(&pool, &first, &last));
	assert_int_equal(pool.count, ADDRESSES_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(test_one_client_one_address),
		CASE(test_every_client_another),
		CASE(test_chosen_alike_after_everything_was_forgotten),
		CASE(test_choice_is_written_down),
		CASE(test_wanted_address),
		CASE(test_unknown_client_keeps_its_address),
		CASE(test_an_offer_holds_a_minute),
		CASE(test_made_up_clients_do_not_exhaust),
		CASE(test_expired_ones_are_last_and_oldest_first),
		CASE(test_an_old_client_gets_its_expired_address_back),
		CASE(test_release),
		CASE(test_what_is_in_use_rests),
		CASE(test_excluded_ones_are_never_given),
		CASE(test_who_a_client_is),
		CASE(test_what_is_known_of_a_client_goes_with_it),
		CASE(test_default_pool),
		CASE(test_large_pools_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
