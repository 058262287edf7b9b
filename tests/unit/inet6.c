// SPDX-License-Identifier: BSD-2-Clause
// initramfs/net/inet6.h: which of the kernel's IPv6 addresses is taken.
#include "initramfs/net/inet6.h"
#include "tests/unit/vectors.h"

#define LOCAL "fe800000000000005054 00fffe123401 02 40 20 80     eth0\n"
#define LINK "fe80000000000000505400fffe123401 02 40 20 80     eth0\n"
#define LOOP "00000000000000000000000000000001 01 80 10 80       lo\n"
#define GLOBAL "fd000000000000020000000000000009 02 40 00 00     eth0\n"

static bool find(const char *list, const char *name, char *shown, uint8_t *prefix)
{
	struct bytes b = exact_copy(list, strlen(list) + 1);
	struct ipaddr a = {0};
	bool good = inet6_find((const char *)b.at, name, &a, prefix);

	ipaddr_format(&a, shown);
	exact_free(&b);
	return good;
}

static void finds_the_announced_one(void **state)
{
	char shown[IPADDR_TEXT];
	uint8_t prefix;

	(void)state;
	assert_true(find(LOOP LINK GLOBAL, "eth0", shown, &prefix));
	assert_string_equal(shown, "fd00:0:0:2:0:0:0:9");
	assert_int_equal(prefix, 64);
	assert_true(find("20010db8000000000000000000000001 03 80 00 80   enp1s0", "enp1s0", shown, &prefix));
	assert_string_equal(shown, "2001:db8:0:0:0:0:0:1");
	assert_int_equal(prefix, 128);
}

static void takes_no_other(void **state)
{
	static const char *const lists[] = {"", "\n\n", LOOP LINK, LOCAL, "fd00",
		"fd000000000000020000000000000009 02 40 00 40     eth0\n", // tentative
		"fd000000000000020000000000000009 02 40 00 08     eth0\n", // somebody else's
		"fd000000000000020000000000000009 02 40 00 a0     eth0\n", // deprecated
		"fd000000000000020000000000000009 02 40 20 00     eth0\n",
		"fd000000000000020000000000000009 02 40 00 00     eth01\n",
		"fd000000000000020000000000000009 02 40 00 00     eth\n",
		"fd000000000000020000000000000009 02 40 00 00\n",
		"fd000000000000020000000000000009 02 81 00 00     eth0\n",
		"fd00000000000002000000000000000g 02 40 00 00     eth0\n",
		"fd0000000000000200000000000000 02 40 00 00     eth0\n"};
	char shown[IPADDR_TEXT];
	uint8_t prefix;

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++)
		if (find(lists[i], "eth0", shown, &prefix))
			fail_msg("'%s' gives %s", lists[i], shown);
}

static void finds_the_links_own(void **state)
{
	static const char *const without[] = {"", LOOP GLOBAL,
		"fe80000000000000505400fffe123401 02 40 20 40     eth0\n",
		"fe80000000000000505400fffe123401 02 40 20 88     eth0\n",
		"fe80000000000000505400fffe123401 02 40 20 80     eth1\n"};
	char shown[IPADDR_TEXT];
	struct ipaddr a;

	(void)state;
	assert_true(inet6_find_link(LOOP GLOBAL LINK, "eth0", &a));
	assert_string_equal(ipaddr_format(&a, shown), "fe80:0:0:0:5054:ff:fe12:3401");
	for (size_t i = 0; i < COUNT(without); i++)
		assert_false(inet6_find_link(without[i], "eth0", &a));
}

static void tells_how_it_is_with_an_address(void **state)
{
	static const struct {
		const char *list;
		enum inet6_presence presence;
	} cases[] = {
		{LOOP LINK, INET6_ABSENT},
		{LINK GLOBAL, INET6_READY},
		{"fd000000000000020000000000000009 02 80 00 c0     eth0\n", INET6_TENTATIVE},
		{"fd000000000000020000000000000009 02 80 00 c8     eth0\n", INET6_TAKEN},
		{"fd000000000000020000000000000009 02 80 00 80     eth1\n", INET6_ABSENT},
	};
	const struct ipaddr a = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(inet6_presence(cases[i].list, "eth0", &a), cases[i].presence);
}

static void decides_for_dhcp(void **state)
{
	enum { NONE = 0, PLAIN = INET6_RA_RECEIVED, M = PLAIN | INET6_RA_MANAGED, O = PLAIN | INET6_RA_OTHER };
	static const struct {
		enum ipparam_autoconf way;
		uint32_t flags, waited;
		bool by_dhcp;
	} cases[] = {
		{IPPARAM_DHCP6, NONE, 0, true}, {IPPARAM_DHCP6, PLAIN, 0, true},
		{IPPARAM_ROUTER, M, 60000, false}, {IPPARAM_ROUTER, NONE, 60000, false},
		{IPPARAM_EITHER6, NONE, 5999, false}, {IPPARAM_EITHER6, NONE, 6000, true},
		{IPPARAM_EITHER6, M, 0, true}, {IPPARAM_EITHER6, O, 60000, false},
		{IPPARAM_EITHER6, PLAIN, 60000, false}, {IPPARAM_LINK6, M, 60000, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(inet6_by_dhcp(cases[i].way, cases[i].flags, cases[i].waited),
			cases[i].by_dhcp);
	assert_true(inet6_informs(O) && inet6_informs(M));
	assert_false(inet6_informs(PLAIN) || inet6_informs(NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_announced_one),
		cmocka_unit_test(takes_no_other),
		cmocka_unit_test(finds_the_links_own),
		cmocka_unit_test(tells_how_it_is_with_an_address),
		cmocka_unit_test(decides_for_dhcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
