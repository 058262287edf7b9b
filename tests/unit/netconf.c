// SPDX-License-Identifier: BSD-2-Clause
// initramfs/system/netconf.h: the network configuration as files, with hostile texts in it.
#include "initramfs/system/netconf.h"
#include "tests/unit/vectors.h"

static char out[4096];

static struct lease lease_of_test(void)
{
	struct lease l = {
		.address = ipaddr_v4(192, 168, 2, 50),
		.prefix = 24,
		.server_id = ipaddr_v4(192, 168, 2, 2),
		.routers = {ipaddr_v4(192, 168, 2, 1)},
		.dns = {ipaddr_v4(192, 168, 2, 2), ipaddr_v4(9, 9, 9, 9), ipaddr_v4(8, 8, 8, 8)},
		.lease_time = 3600,
		.hostname = "ws1",
		.domain = "example.org",
		.nis_domain = "nis",
		.boot_file = "lanyard.0",
	};

	return l;
}

static const char *root_path = "/nfsroot";

static void klibc(const struct lease *l)
{
	struct netconf c = {
		.device = "eth0", .protocol = "dhcp", .protocol6 = "dhcp6", .lease = l,
		.root_server = "192.168.2.2", .root_path = root_path, .uptime = 7,
	};
	struct text t = text_of(out, sizeof out);

	netconf_klibc(&c, &t);
	assert_false(t.cut);
}

static void resolv(const struct lease *l)
{
	struct text t = text_of(out, sizeof out);

	netconf_resolv(l, &t);
}

static void names_the_link_of_its_servers(void **state)
{
	static const char link[] = "fe80::1", beyond[] = "fd00::2";
	struct lease l = {0};

	(void)state;
	assert_true(ipaddr_parse_v6(&l.dns[0], link, strlen(link)));
	assert_true(ipaddr_parse_v6(&l.dns[1], beyond, strlen(beyond)));
	resolv(&l);
	assert_string_equal(out, "nameserver fe80:0:0:0:0:0:0:1\nnameserver fd00:0:0:0:0:0:0:2\n");
	l.zone = UINT32_MAX;
	resolv(&l);
	assert_string_equal(out,
		"nameserver fe80:0:0:0:0:0:0:1%4294967295\nnameserver fd00:0:0:0:0:0:0:2\n");
	l.address = l.dns[1];
	klibc(&l); // whose readers know no zones
	assert_contains(out, "IPV6DNS0=''\nIPV6DNS1='fd00:0:0:0:0:0:0:2'\n");
}

static void writes_klibcs_file(void **state)
{
	struct lease l = lease_of_test();

	(void)state;
	klibc(&l);
	assert_string_equal(out,
		"DEVICE='eth0'\nPROTO='dhcp'\nIPV4ADDR='192.168.2.50'\nIPV4BROADCAST='192.168.2.255'\n"
		"IPV4NETMASK='255.255.255.0'\nIPV4GATEWAY='192.168.2.1'\nIPV4DNS0='192.168.2.2'\n"
		"IPV4DNS1='9.9.9.9'\nHOSTNAME='ws1'\nDNSDOMAIN='example.org'\nNISDOMAIN='nis'\n"
		"ROOTSERVER='192.168.2.2'\nROOTPATH='/nfsroot'\nfilename='lanyard.0'\nUPTIME='7'\n"
		"DHCPLEASETIME='3600'\nDOMAINSEARCH='example.org'\n");
}

static void writes_an_ipv6_lease(void **state)
{
	struct lease l = {
		.address = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x1a}},
		.prefix = 128,
		.dns = {{IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2}}, ipaddr_v4(9, 9, 9, 9)},
		.search = "example.org",
	};

	(void)state;
	klibc(&l);
	assert_contains(out, "IPV4ADDR='0.0.0.0'\nIPV4BROADCAST='0.0.0.0'\nIPV4NETMASK='0.0.0.0'\n");
	assert_contains(out, "IPV4DNS0='0.0.0.0'\nIPV4DNS1='9.9.9.9'\n");
	assert_contains(out, "DEVICE6='eth0'\nIPV6PROTO='dhcp6'\nIPV6ADDR='fd00:0:0:2:0:0:0:1a'\n"
		"IPV6NETMASK='128'\nIPV6DNS0='fd00:0:0:2:0:0:0:2'\nIPV6DNS1=''\n"
		"IPV6DOMAINSEARCH='example.org'\n");
	resolv(&l);
	assert_string_equal(out, "search example.org\nnameserver fd00:0:0:2:0:0:0:2\nnameserver 9.9.9.9\n");
}

static void no_shell_word_gets_out_of_its_quotes(void **state)
{
	struct lease l = lease_of_test();

	(void)state;
	strcpy(l.hostname, "a'; reboot; '$(x)`y`\n\x01z");
	klibc(&l);
	assert_contains(out, "HOSTNAME='a'\\''; reboot; '\\''$(x)`y`??z'\n");
	root_path = "/srv';reboot;'$(reboot)";
	klibc(&l);
	root_path = "/nfsroot";
	assert_contains(out, "ROOTPATH='/srv'\\'';reboot;'\\''$(reboot)'\n");
}

static void empty_is_zero(void **state)
{
	struct lease l = {.address = ipaddr_v4(10, 1, 2, 3), .prefix = 8};

	(void)state;
	klibc(&l);
	assert_contains(out, "IPV4BROADCAST='10.255.255.255'\n");
	assert_contains(out, "IPV4GATEWAY='0.0.0.0'\n");
	assert_contains(out, "IPV4DNS0='0.0.0.0'\n");
	assert_contains(out, "HOSTNAME=''\n");
	assert_contains(out, "DHCPLEASETIME='0'\n");
}

static void classless_routes_give_the_gateway(void **state)
{
	struct lease l = lease_of_test();

	(void)state;
	l.classless = true;
	l.route_count = 2;
	l.routes[0] = (struct lease_route){ipaddr_v4(10, 0, 0, 0), 8, ipaddr_v4(192, 168, 2, 7)};
	l.routes[1] = (struct lease_route){ipaddr_v4(0, 0, 0, 0), 0, ipaddr_v4(192, 168, 2, 9)};
	klibc(&l);
	assert_contains(out, "IPV4GATEWAY='192.168.2.9'\n");
	l.route_count = 1;
	klibc(&l);
	assert_contains(out, "IPV4GATEWAY='0.0.0.0'\n");
}

static void writes_resolv_conf(void **state)
{
	struct lease l = lease_of_test();

	(void)state;
	resolv(&l);
	assert_string_equal(out, "search example.org\nnameserver 192.168.2.2\nnameserver 9.9.9.9\n"
		"nameserver 8.8.8.8\n");
	strcpy(l.search, "a.example  b.example\nnameserver.6.6.6.6 x;y .z -q ok");
	resolv(&l);
	assert_starts(out, "search a.example ok\nnameserver 192.168.2.2\n");
	strcpy(l.search, "bad/name");
	resolv(&l);
	assert_starts(out, "nameserver 192.168.2.2\n");
	memset(l.dns, 0, sizeof l.dns);
	resolv(&l);
	assert_string_equal(out, "");
}

static void checks_host_names(void **state)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{"ws1", "ws1"}, {"ws1.example.org", "ws1"}, {"WS_1-a", "WS_1-a"}, {"", ""},
		{"-a", ""}, {".a", ""}, {"a b", ""}, {"a;reboot", ""}, {"a/b", ""}, {"a\n", ""},
		{"\xc3\xa4", ""},
	};
	char to[NETCONF_HOSTNAME], longest[NETCONF_HOSTNAME + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		netconf_hostname(cases[i].name, to);
		assert_string_equal(to, cases[i].expected);
	}
	memset(longest, 'a', sizeof longest);
	longest[NETCONF_HOSTNAME] = 0;
	netconf_hostname(longest, to);
	assert_string_equal(to, "");
	longest[NETCONF_HOSTNAME - 1] = 0;
	netconf_hostname(longest, to);
	assert_string_equal(to, longest);
}

static void a_static_address_is_a_lease(void **state)
{
	static const char value[] = "10.1.2.3:10.0.0.9:10.0.0.1::ws1.example.org:eth0:off::9.9.9.9";
	struct ipparam p;
	struct lease l;
	struct fault fault;

	(void)state;
	assert_true(ipparam_parse(&p, value, strlen(value), &fault));
	netconf_from_parameter(&l, &p);
	assert_int_equal(ipaddr_to_u32(&l.address), 0x0a010203);
	assert_int_equal(l.prefix, 8); // the class's
	assert_int_equal(ipaddr_to_u32(&l.next_server), 0x0a000009);
	assert_int_equal(ipaddr_to_u32(&l.routers[0]), 0x0a000001);
	assert_int_equal(ipaddr_to_u32(&l.dns[0]), 0x09090909);
	assert_true(ipaddr_is_unset(&l.dns[1]));
	assert_string_equal(l.hostname, "ws1");
	assert_string_equal(l.domain, "example.org");
	assert_int_equal(l.lease_time, LEASE_FOREVER);
}

static void fills_in_what_is_missing(void **state)
{
	struct lease old = lease_of_test(), new = {
		.address = ipaddr_v4(192, 168, 2, 60),
		.prefix = 25,
		.hostname = "other",
	};

	(void)state;
	netconf_fill(&new, &old);
	assert_int_equal(ipaddr_to_u32(&new.address), 0xc0a8023c);
	assert_int_equal(new.prefix, 25);
	assert_string_equal(new.hostname, "other");
	assert_string_equal(new.domain, "example.org");
	assert_int_equal(ipaddr_to_u32(&new.dns[1]), 0x09090909);
	assert_int_equal(ipaddr_to_u32(&new.routers[0]), 0xc0a80201);
}

static void tells_whether_leases_differ(void **state)
{
	struct lease a = lease_of_test(), b = a;

	(void)state;
	b.lease_time = 7200;
	strcpy(b.boot_file, "other");
	assert_true(netconf_same(&a, &b));
	b.dns[1] = ipaddr_v4(9, 9, 9, 10);
	assert_false(netconf_same(&a, &b));
	b = a;
	b.routers[0] = ipaddr_v4(192, 168, 2, 9);
	assert_false(netconf_same(&a, &b));
	b = a;
	b.mtu = 1400;
	assert_false(netconf_same(&a, &b));
	b = a;
	strcpy(b.search, "lan");
	assert_false(netconf_same(&a, &b));
	b = a;
	b.classless = true;
	b.route_count = 1;
	assert_false(netconf_same(&a, &b));
	a = b;
	assert_true(netconf_same(&a, &b));
	b.routes[0].gateway = ipaddr_v4(192, 168, 2, 9);
	assert_false(netconf_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_klibcs_file),
		cmocka_unit_test(names_the_link_of_its_servers),
		cmocka_unit_test(writes_an_ipv6_lease),
		cmocka_unit_test(no_shell_word_gets_out_of_its_quotes),
		cmocka_unit_test(empty_is_zero),
		cmocka_unit_test(classless_routes_give_the_gateway),
		cmocka_unit_test(writes_resolv_conf),
		cmocka_unit_test(checks_host_names),
		cmocka_unit_test(a_static_address_is_a_lease),
		cmocka_unit_test(tells_whether_leases_differ),
		cmocka_unit_test(fills_in_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
