// SPDX-License-Identifier: BSD-2-Clause
// netstack/lease.h: what DHCP answers mean, from recorded ones to hostile ones.
#include "tests/unit/lease_replies.h"

static void assert_address(const struct ipaddr *a, const char *expected)
{
	char text[IPADDR_TEXT];

	assert_string_equal(ipaddr_format(a, text), expected);
}

static void assert_route(const struct lease *lease, size_t i, const char *destination,
	unsigned prefix, const char *gateway)
{
	assert_in_range(i + 1, 1, lease->route_count);
	assert_address(&lease->routes[i].destination, destination);
	assert_int_equal(lease->routes[i].prefix, prefix);
	assert_address(&lease->routes[i].gateway, gateway);
}

static void reads_a_recorded_ack(void **state)
{
	struct lease l = lease_of(recorded("dnsmasq-ack"));

	(void)state;
	assert_address(&l.address, "10.77.0.50");
	assert_int_equal(l.prefix, 24);
	assert_address(&l.server_id, "10.77.0.1");
	assert_address(&l.next_server, "10.77.0.1");
	assert_address(&l.relay, "none");
	assert_address(&l.broadcast, "10.77.0.255");
	assert_address(&l.dns[0], "10.77.0.1");
	assert_address(&l.dns[1], "10.77.0.2");
	assert_address(&l.dns[2], "none");
	assert_address(&l.ntp[0], "10.77.0.1");
	assert_address(&l.log_servers[0], "10.77.0.1");
	assert_int_equal(l.lease_time, 7200);
	assert_int_equal(l.renewal_time, 3600);
	assert_int_equal(l.rebinding_time, 6300);
	assert_int_equal(l.mtu, 0);
	assert_string_equal(l.hostname, "ws1");
	assert_string_equal(l.domain, "example.org");
	assert_string_equal(l.search, "example.org lab.example.org");
	assert_string_equal(l.root_path, "10.77.0.1:/srv/nfsroot,v3,tcp");
	assert_string_equal(l.boot_file, "lanyard.0");
	assert_string_equal(l.server_name, "bootsrv");
	assert_string_equal(l.config_file, "cfg/demo");
	assert_string_equal(l.path_prefix, "boot/");
	assert_int_equal(l.reboot_time, 0);
	assert_int_equal(l.client_id_length, 0);
	// option 121 came, so option 3 does not count
	assert_true(l.classless);
	assert_int_equal(l.route_count, 2);
	assert_route(&l, 0, "10.9.0.0", 16, "10.77.0.254");
	assert_route(&l, 1, "0.0.0.0", 0, "10.77.0.1");
	assert_address(&l.routers[0], "none");
}

static void fixed_fields_come_first(void **state)
{
	struct lease l = lease_of(recorded("bootp-reply"));

	(void)state;
	assert_string_equal(l.boot_file, "lanyard.0");
	assert_string_equal(l.server_name, "bootsrv");
	assert_address(&l.next_server, "10.77.0.1");
	assert_address(&l.server_id, "none");
	assert_int_equal(l.prefix, 8);
	assert_true(l.lease_time == LEASE_FOREVER);
	assert_true(l.rebinding_time == LEASE_FOREVER);
	l = lease_of(recorded("file-without-nul"));
	assert_int_equal(strlen(l.boot_file), 128);
	assert_int_equal(strlen(l.server_name), 64);
	l = lease_of(recorded("overload-file-without-end"));
	assert_string_equal(l.boot_file, "lanyard.0");
}

static void refuses_what_is_no_lease(void **state)
{
	static const char *const addresses[] = {"00000000", "ffffffff", "7f000001", "e0000001",
		"00000001", "f0000001"};
	struct dhcp_message m = recorded("pxe-request");
	struct lease lease;
	struct fault fault = {0};

	(void)state;
	assert_false(lease_read(&lease, &m, &fault));
	assert_int_equal(fault.id, FAULT_DHCP_BAD);
	m = recorded("relayed-nak");
	assert_false(lease_read(&lease, &m, &fault));
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct bytes address = from_hex(addresses[i]);
		struct bytes packet = from_hex(PACKET(dhcp_packets, "dnsmasq-ack"));

		memcpy(packet.at + 16, address.at, 4);
		exact_free(&address);
		m = message_of(packet);
		assert_false(lease_read(&lease, &m, &fault));
	}
	assert_string_equal(fault.facts, "(server 10.77.0.1 gives the address 240.0.0.1)");
}

static void masks(void **state)
{
	static const struct {
		const char *option;
		uint8_t prefix;
	} cases[] = {
		{"0104 ffffff00", 24},
		{"0104 ffffffff", 32},
		{"0104 80000000", 1},
		{"", 8},
		{"0104 00000000", 8}, // everything on link: never meant
		{"0104 ff00ff00", 8},
		{"0103 ffff00", 8},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(lease_of(reply(cases[i].option)).prefix, cases[i].prefix);
}

static void next_server_has_an_order(void **state)
{
	static const struct {
		const char *options, *expected;
	} cases[] = {
		{"3604 0a4d0001 | 4209 31302e37372e302e37", "10.77.0.7"},
		{"3604 0a4d0001 | 4206 626f6f747372", "10.77.0.1"},
		{"3604 0a4d0001 | 4207 302e302e302e30", "10.77.0.1"},
		{"3604 0a4d0001", "10.77.0.1"},
		{"3604 ffffffff", "none"},
		{"", "none"},
	};
	struct bytes packet = from_hex(PACKET(dhcp_packets, "dnsmasq-ack"));
	struct lease l;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		l = lease_of(reply(cases[i].options));
		assert_address(&l.next_server, cases[i].expected);
	}
	packet.at[23] = 9; // siaddr
	l = lease_of(message_of(packet));
	assert_address(&l.next_server, "10.77.0.9");
	assert_address(&l.server_id, "10.77.0.1");
}

static void relay_is_kept_apart(void **state)
{
	struct bytes packet = from_hex(PACKET(dhcp_packets, "isc-padded-ack"));
	struct lease l;

	(void)state;
	memcpy(packet.at + 24, "\x0a\x4e\x00\x01", 4);
	l = lease_of(message_of(packet));
	assert_address(&l.relay, "10.78.0.1");
	assert_address(&l.routers[0], "none");
	assert_int_equal(l.route_count, 0);
}

static void lists_keep_only_hosts(void **state)
{
	struct lease l = lease_of(reply("0610 00000000 7f000001 0a000003 ffffffff | "
					"0318 0a000001 0a000002 0a000003 0a000004 0a000005 0a000006"));

	(void)state;
	assert_address(&l.dns[0], "10.0.0.3");
	assert_address(&l.dns[1], "none");
	assert_address(&l.routers[0], "10.0.0.1");
	assert_address(&l.routers[3], "10.0.0.4");
	assert_int_equal(l.route_count, 0);
	l = lease_of(reply("0618 0a000001 0a000002 0a000003 0a000004 0a000005 0a000006"));
	assert_address(&l.dns[3], "10.0.0.4");
	assert_address(&l.ntp[0], "none"); // which stands behind them
}

static void classless_routes(void **state)
{
	struct lease l;

	(void)state;
	// on link; host bits beyond the prefix; all lengths of a destination
	l = lease_of(reply("792d 18 c0a805 00000000 | 0c 0aff 0a4d0001 | 20 01020304 0a4d0002 | "
			   "19 0a0100ff 0a4d0003 | 08 0b 0a4d0004 | 01 ff 0a4d0005"));
	assert_int_equal(l.route_count, 6);
	assert_route(&l, 0, "192.168.5.0", 24, "none");
	assert_route(&l, 1, "10.240.0.0", 12, "10.77.0.1");
	assert_route(&l, 2, "1.2.3.4", 32, "10.77.0.2");
	assert_route(&l, 3, "10.1.0.128", 25, "10.77.0.3");
	assert_route(&l, 4, "11.0.0.0", 8, "10.77.0.4");
	assert_route(&l, 5, "128.0.0.0", 1, "10.77.0.5");
	// a prefix beyond 32, and a cut route: what stood before them counts
	l = lease_of(reply("790a 00 0a4d0001 21 01020304"));
	assert_int_equal(l.route_count, 1);
	l = lease_of(reply("7909 00 0a4d0001 18 010203"));
	assert_int_equal(l.route_count, 1);
	assert_true(l.classless);
	// nothing usable: option 3 counts after all
	l = lease_of(reply("7901 21 | 0304 0a4d0001"));
	assert_false(l.classless);
	assert_address(&l.routers[0], "10.77.0.1");
}

static void more_routes_than_room(void **state)
{
	char options[1000] = "79fa ";
	struct lease l;

	(void)state;
	for (int i = 0; i < 50; i++)
		strcat(options, "00 0a4d0001 ");
	l = lease_of(reply(options));
	assert_int_equal(l.route_count, LEASE_ROUTES);
}

static void static_routes(void **state)
{
	struct lease l = lease_of(reply("2124 0a090000 0a4d0002 | ac100000 0a4d0003 | c0a80700 0a4d0004 | "
					"00000000 0a4d0005 | 0a000000 | 0304 0a4d0001"));

	(void)state;
	assert_false(l.classless);
	assert_address(&l.routers[0], "10.77.0.1");
	assert_int_equal(l.route_count, 3);
	assert_route(&l, 0, "10.9.0.0", 32, "10.77.0.2");
	assert_route(&l, 1, "172.16.0.0", 16, "10.77.0.3");
	assert_route(&l, 2, "192.168.7.0", 24, "10.77.0.4");
}

static void static_routes_come_in_pairs(void **state)
{
	struct lease l = lease_of(reply("2108 ac100000 0a4d0003"));

	(void)state;
	assert_int_equal(l.route_count, 1);
	l = lease_of(reply("210c ac100000 0a4d0003 c0a80700"));
	assert_int_equal(l.route_count, 1);
	assert_route(&l, 0, "172.16.0.0", 16, "10.77.0.3");
	l = lease_of(reply("2104 ac100000"));
	assert_int_equal(l.route_count, 0);
}

static void times(void **state)
{
	static const struct {
		const char *options;
		uint32_t lease, t1, t2;
	} cases[] = {
		{"3304 00000e10", 3600, 1800, 3150},
		{"3304 00000e10 3a04 00000064 3b04 000000c8", 3600, 100, 200},
		{"3304 00000e10 3a04 000000c8 3b04 00000064", 3600, 1800, 3150},
		{"3304 00000e10 3b04 000000c8", 3600, 1800, 3150}, // before the usual T1
		{"3304 00000e10 3b04 00000c00", 3600, 1800, 3072},
		{"3304 00000e10 3a04 00000e00", 3600, 1800, 3150},
		{"3304 00000e10 3a04 00000007", 3600, 1800, 3150},
		{"3304 00000e10 3a04 00000008", 3600, 8, 3150},
		{"3304 00000e10 3a04 00000000", 3600, 1800, 3150},
		{"3304 00000e10 3a04 00000e10 3b04 00000e10", 3600, 1800, 3150},
		{"3304 00000e10 3b04 00000001", 3600, 1800, 3150},
		{"3304 00000e10 3a04 000000c8 3b04 000000c8", 3600, 1800, 3150},
		{"3304 00000e10 3b04 00000e10", 3600, 1800, 3150},
		{"3304 00000e10 3b04 00000e0f", 3600, 1800, 3599},
		{"3304 00000000", 16, 8, 14},
		{"3304 00000011", 17, 8, 15},
		{"3304 0000000f", 16, 8, 14},
		{"3304 fffffffe", 0xfffffffe, 0x7fffffff, 0xdfffffff},
		{"3304 ffffffff 3a04 00000064", LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER},
		{"", LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER},
		{"3302 0e10", LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lease l = lease_of(reply(cases[i].options));

		assert_true(l.lease_time == cases[i].lease);
		assert_true(l.renewal_time == cases[i].t1);
		assert_true(l.rebinding_time == cases[i].t2);
	}
}

static void mtu(void **state)
{
	(void)state;
	assert_int_equal(lease_of(reply("1a02 2328")).mtu, 9000);
	assert_int_equal(lease_of(reply("1a02 0240")).mtu, 576);
	assert_int_equal(lease_of(reply("1a02 023f")).mtu, 0);
	assert_int_equal(lease_of(reply("1a02 0000")).mtu, 0);
}

static void client_id(void **state)
{
	struct lease l = lease_of(reply("3d07 01525400123456"));
	struct dhcp_message discover = reply("3d03 ff0102");

	(void)state;
	assert_hex(l.client_id, l.client_id_length, "01525400123456");
	lease_add_discover(&l, &discover);
	assert_hex(l.client_id, l.client_id_length, "ff0102");
	discover = recorded("pxe-discover"); // has none
	lease_add_discover(&l, &discover);
	assert_hex(l.client_id, l.client_id_length, "ff0102");
	l = lease_of(reply("3d01 07"));
	assert_int_equal(l.client_id_length, 1);
	l = lease_of(reply("3d00"));
	assert_int_equal(l.client_id_length, 0);
	l = lease_of(reply("3d40 00*64"));
	assert_int_equal(l.client_id_length, 64);
	l = lease_of(reply("3d41 00*65"));
	assert_int_equal(l.client_id_length, 0);
}

static void proxy_names_the_boot_file(void **state)
{
	struct lease l = lease_of(recorded("dnsmasq-ack"));
	struct dhcp_message proxy = recorded("proxy-offer");

	(void)state;
	lease_add_proxy(&l, &proxy);
	assert_string_equal(l.boot_file, "lanyard.0");
	assert_address(&l.next_server, "10.77.0.2");
	assert_string_equal(l.server_name, "");
	assert_string_equal(l.config_file, "cfg"); // inside option 43
	assert_string_equal(l.path_prefix, "/p/");
	assert_int_equal(l.reboot_time, 60);
	assert_address(&l.address, "10.77.0.50");
	assert_address(&l.server_id, "10.77.0.1");
	assert_int_equal(l.lease_time, 7200);
}

// Option 150; the proxy's list counts more.
static void more_boot_servers(void **state)
{
	struct lease l = lease_of(reply("9608 0a4d0005 0a4d0006"));
	struct dhcp_message none = reply(""), proxy = reply("9608 00000000 0a4d0007");

	(void)state;
	assert_address(&l.tftp_servers[0], "10.77.0.5");
	assert_address(&l.tftp_servers[1], "10.77.0.6");
	assert_address(&l.tftp_servers[2], "none");
	lease_add_proxy(&l, &none);
	assert_address(&l.tftp_servers[1], "10.77.0.6");
	lease_add_proxy(&l, &proxy);
	assert_address(&l.tftp_servers[0], "10.77.0.7");
	assert_address(&l.tftp_servers[1], "none");
}

// Option 66 is a name that has to be looked up, unless siaddr says more.
static void next_server_by_name(void **state)
{
	struct dhcp_message m = reply("4204 626f6f74");
	struct lease l = lease_of(m);

	(void)state;
	assert_string_equal(l.next_host, "boot");
	m.siaddr = ipaddr_v4(10, 77, 0, 3);
	l = lease_of(m);
	assert_string_equal(l.next_host, "");
	l = lease_of(reply("4209 31302e37372e302e34"));
	assert_string_equal(l.next_host, "");
}

static void proxy_without_file_changes_no_server(void **state)
{
	struct lease l = lease_of(recorded("dnsmasq-ack"));
	struct dhcp_message proxy = reply("3604 0a4d0009 | 3c09 505845436c69656e74");

	(void)state;
	lease_add_proxy(&l, &proxy);
	assert_address(&l.next_server, "10.77.0.1");
	assert_string_equal(l.boot_file, "lanyard.0");
	assert_string_equal(l.config_file, "cfg/demo");
	assert_string_equal(l.path_prefix, "boot/");
}

static void pxelinux_options(void **state)
{
	struct lease l;

	(void)state;
	l = lease_of(reply("d102 6162 | d203 2f702f | d304 0000003c"));
	assert_string_equal(l.config_file, "ab");
	assert_string_equal(l.path_prefix, "/p/");
	assert_int_equal(l.reboot_time, 60);
	// bare wins over option 43; a number of the wrong size does not count
	l = lease_of(reply("d102 6162 | 2b0a d1026364 d302003c d200"));
	assert_string_equal(l.config_file, "ab");
	assert_string_equal(l.path_prefix, "");
	assert_int_equal(l.reboot_time, 0);
	l = lease_of(reply("d101 61 | 2b06 d20162 e00163"));
	assert_string_equal(l.config_file, "a");
	assert_string_equal(l.path_prefix, "b");
	assert_string_equal(l.replay, "c");
	// as long as we keep, and longer: cut, terminated
	l = lease_of(reply("2bff d2fd 61*253 2b05 d203 62*3"));
	assert_int_equal(strlen(l.path_prefix), 255);
	l = lease_of(reply("d2ff 61*255 d2ff 61*255"));
	assert_int_equal(strlen(l.path_prefix), LEASE_FILE - 1);
	l = lease_of(reply("2bff d2fd 61*253 2bff d2fd 62*253"));
	assert_int_equal(strlen(l.path_prefix), LEASE_FILE - 1);
}

// Whatever is cut off, reading never goes astray.
static void read_cut(const uint8_t *bytes, size_t length, void *context)
{
	struct dhcp_message m;
	struct lease lease;
	struct fault fault;

	(void)context;
	if (!dhcp_parse(&m, bytes, length))
		return;
	lease_read(&lease, &m, &fault);
	lease_add_proxy(&lease, &m);
	lease_add_discover(&lease, &m);
}

static void every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dhcp_packets); i++) {
		struct bytes b = from_hex(dhcp_packets[i].hex);

		read_cut(b.at, b.length, NULL);
		each_truncation(&b, read_cut, NULL);
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(reads_a_recorded_ack, forget_packets),
		cmocka_unit_test_teardown(fixed_fields_come_first, forget_packets),
		cmocka_unit_test_teardown(refuses_what_is_no_lease, forget_packets),
		cmocka_unit_test_teardown(masks, forget_packets),
		cmocka_unit_test_teardown(next_server_has_an_order, forget_packets),
		cmocka_unit_test_teardown(relay_is_kept_apart, forget_packets),
		cmocka_unit_test_teardown(lists_keep_only_hosts, forget_packets),
		cmocka_unit_test_teardown(classless_routes, forget_packets),
		cmocka_unit_test_teardown(more_routes_than_room, forget_packets),
		cmocka_unit_test_teardown(static_routes, forget_packets),
		cmocka_unit_test_teardown(static_routes_come_in_pairs, forget_packets),
		cmocka_unit_test_teardown(times, forget_packets),
		cmocka_unit_test_teardown(mtu, forget_packets),
		cmocka_unit_test_teardown(client_id, forget_packets),
		cmocka_unit_test_teardown(proxy_names_the_boot_file, forget_packets),
		cmocka_unit_test_teardown(more_boot_servers, forget_packets),
		cmocka_unit_test_teardown(next_server_by_name, forget_packets),
		cmocka_unit_test_teardown(proxy_without_file_changes_no_server, forget_packets),
		cmocka_unit_test_teardown(pxelinux_options, forget_packets),
		cmocka_unit_test_teardown(every_truncation, forget_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
