// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/ipaddr.h: what is an address, in text and in number, and what kind of address.
#include "netstack/base/ipaddr.h"
#include "tests/unit/vectors.h"

static struct ipaddr parsed(const char *text)
{
	struct ipaddr a = {0};

	assert_true(ipaddr_parse(&a, text, strlen(text)));
	return a;
}

static void parses_and_formats(void **state)
{
	static const char *const good[] = {"0.0.0.0", "1.2.3.4", "10.0.0.255", "192.168.100.1",
		"255.255.255.255", "200.20.2.0"};
	char text[IPADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct ipaddr a = parsed(good[i]), b = ipaddr_from_u32(ipaddr_to_u32(&a));

		assert_string_equal(ipaddr_format(&a, text), good[i]);
		assert_true(ipaddr_equal(&a, &b));
	}
}

static void refuses_what_is_no_quad(void **state)
{
	static const char *const bad[] = {"", ".", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5",
		".1.2.3.4", "1..3.4", "256.1.1.1", "1.1.1.256", "10.0.0.300", "1.2.3.0004", "01.2.3.4",
		"1.2.3.00", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1.2.3.+4", "1.2.3.a",
		"1,2,3,4", "9999999999.1.1.1", "::1"};
	struct ipaddr before = ipaddr_v4(9, 9, 9, 9), a = before;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct bytes exact = exact_copy(bad[i], strlen(bad[i]));

		assert_false(ipaddr_parse(&a, (const char *)exact.at, exact.length));
		assert_true(ipaddr_equal(&a, &before));
		exact_free(&exact);
	}
}

static void parse_keeps_to_its_length(void **state)
{
	struct ipaddr a, expected = ipaddr_v4(1, 2, 3, 4);

	(void)state;
	assert_true(ipaddr_parse(&a, "1.2.3.45", 7));
	assert_true(ipaddr_equal(&a, &expected));
}

static void knows_kinds(void **state)
{
	static const struct {
		const char *text;
		bool unset, multicast, broadcast, host;
	} kinds[] = {
		{"0.0.0.0", true, false, false, false},
		{"0.1.2.3", false, false, false, false},
		{"1.0.0.1", false, false, false, true},
		{"126.255.255.255", false, false, false, true},
		{"127.0.0.1", false, false, false, false},
		{"128.0.0.1", false, false, false, true},
		{"223.255.255.254", false, false, false, true},
		{"224.0.0.1", false, true, false, false},
		{"239.255.255.255", false, true, false, false},
		{"240.0.0.1", false, false, false, false},
		{"255.255.255.255", false, false, true, false},
	};
	struct ipaddr none = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct ipaddr a = parsed(kinds[i].text);

		assert_int_equal(ipaddr_is_unset(&a), kinds[i].unset);
		assert_int_equal(ipaddr_is_multicast(&a), kinds[i].multicast);
		assert_int_equal(ipaddr_is_broadcast(&a), kinds[i].broadcast);
		assert_int_equal(ipaddr_is_host(&a), kinds[i].host);
	}
	assert_true(ipaddr_is_unset(&none));
	assert_false(ipaddr_is_host(&none));
}

static void ipv6_has_its_own_rules(void **state)
{
	struct ipaddr a = {.family = IP_V6, .bytes = {0xff, 0x02, [15] = 1}}, v4 = {.family = IP_V4};
	char text[IPADDR_TEXT];

	(void)state;
	assert_true(ipaddr_is_multicast(&a));
	assert_false(ipaddr_is_host(&a));
	a.bytes[0] = 0xfe;
	assert_false(ipaddr_is_multicast(&a));
	assert_true(ipaddr_is_host(&a));
	a.bytes[0] = 0xff;
	assert_int_equal(ipaddr_to_u32(&a), 0);
	assert_string_equal(ipaddr_format(&a, text), "ff02:0:0:0:0:0:0:1");
	memset(a.bytes, 0xff, sizeof a.bytes);
	assert_string_equal(
		ipaddr_format(&a, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	a = (struct ipaddr){.family = IP_V6};
	assert_true(ipaddr_is_unset(&a));
	assert_false(ipaddr_equal(&a, &v4));
	a = (struct ipaddr){0};
	assert_string_equal(ipaddr_format(&a, text), "none");
}

static void masks_and_prefixes(void **state)
{
	static const char *const holes[] = {"255.0.255.0", "0.255.255.255", "255.255.255.253", "1.0.0.0"};
	struct ipaddr mask;

	(void)state;
	for (unsigned prefix = 0; prefix <= 32; prefix++) {
		mask = ipaddr_prefix_to_mask(prefix);
		assert_int_equal(ipaddr_mask_to_prefix(&mask), prefix);
	}
	mask = ipaddr_prefix_to_mask(40);
	assert_int_equal(ipaddr_mask_to_prefix(&mask), 32);
	for (size_t i = 0; i < COUNT(holes); i++) {
		mask = parsed(holes[i]);
		assert_int_equal(ipaddr_mask_to_prefix(&mask), -1);
	}
	mask = (struct ipaddr){.family = IP_V6};
	assert_int_equal(ipaddr_mask_to_prefix(&mask), -1);
}

static void same_net(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned shared; // longest prefix in common
	} pairs[] = {
		{"10.0.0.5", "10.0.0.4", 31},
		{"10.0.0.5", "10.0.0.5", 32},
		{"10.0.0.5", "10.0.1.5", 23},
		{"10.0.0.5", "138.0.0.5", 0},
		{"192.168.2.1", "192.168.2.129", 24},
	};
	struct ipaddr v6 = {.family = IP_V6};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct ipaddr a = parsed(pairs[i].a), b = parsed(pairs[i].b);

		for (unsigned prefix = 0; prefix <= 32; prefix++)
			assert_int_equal(ipaddr_same_net(&a, &b, prefix), prefix <= pairs[i].shared);
		assert_false(ipaddr_same_net(&a, &b, 33));
		assert_false(ipaddr_same_net(&a, &v6, 0));
	}
	assert_true(ipaddr_same_net(&v6, &v6, 128));
	assert_false(ipaddr_same_net(&v6, &v6, 129));
}

static void classes(void **state)
{
	static const struct {
		const char *text;
		unsigned prefix;
	} known[] = {{"10.1.1.1", 8}, {"127.1.1.1", 8}, {"128.1.1.1", 16}, {"191.255.0.1", 16},
		{"192.0.0.1", 24}, {"223.1.1.1", 24}};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct ipaddr a = parsed(known[i].text);

		assert_int_equal(ipaddr_classful_prefix(&a), known[i].prefix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_and_formats),
		cmocka_unit_test(refuses_what_is_no_quad),
		cmocka_unit_test(parse_keeps_to_its_length),
		cmocka_unit_test(knows_kinds),
		cmocka_unit_test(ipv6_has_its_own_rules),
		cmocka_unit_test(masks_and_prefixes),
		cmocka_unit_test(same_net),
		cmocka_unit_test(classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
