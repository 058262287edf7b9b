// SPDX-License-Identifier: BSD-2-Clause
// initramfs/words.h: which words of the command line are taken, how many, and what is said of others.
#include "initramfs/words.h"
#include "tests/unit/vectors.h"

static struct cmdline c;
static struct words w;
static char said[2000];

static void hear(const struct fault *fault)
{
	assert_int_equal(fault->id, FAULT_LINK_PARAMETER);
	strcat(strcat(said, fault->facts), "\n");
}

static void read_line(const char *line)
{
	said[0] = 0;
	cmdline_parse(&c, line, strlen(line));
	words_read(&w, &c, hear);
}

static void reads_them_all(void **state)
{
	(void)state;
	read_line("ip=dhcp vlan=vlan5:eth0 vlan=7 ifname=lan0:52:54:00:12:34:01 nameserver=9.9.9.9 "
		"rd.route=10.0.0.0/8:192.168.2.9 rd.route=10.9.0.0/16::eth0 nameserver=1.1.1.1 "
		"bootdev=vlan5 rd.neednet=1 carrier_timeout=20");
	assert_string_equal(said, "");
	assert_int_equal(w.vlan_count, 2);
	assert_int_equal(w.vlans[1].id, 7);
	assert_int_equal(w.name_count, 1);
	assert_string_equal(w.names[0].name, "lan0");
	assert_int_equal(w.route_count, 2);
	assert_int_equal(w.routes[1].prefix, 16);
	assert_int_equal(ipaddr_to_u32(&w.nameservers[1]), 0x01010101);
	assert_string_equal(w.bootdev, "vlan5");
	assert_int_equal(w.carrier, 20);
	read_line("rd.net.timeout.carrier=30");
	assert_int_equal(w.carrier, 30);
	read_line("");
	assert_int_equal(w.vlan_count + w.name_count + w.route_count + w.carrier, 0);
	assert_string_equal(w.bootdev, "");
}

static void wrong_ones_are_left_out(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{"vlan=blue:eth0 vlan=5", "in vlan= (name): 'blue'"},
		{"ifname=lan0", "in ifname= (hardware address)"},
		{"rd.route=10.0.0.0", "in rd.route= (gateway)"},
		{"nameserver=x nameserver=9.9.9.9", "in nameserver= (address): 'x'"},
		{"bootdev=a/b", "in bootdev="},
		{"bootdev=abcdefghijklmnop", "in bootdev="},
		{"bootdev=", "in bootdev="},
		{"carrier_timeout=soon", "number of seconds"},
		{"carrier_timeout=0", "number of seconds"},
		{"carrier_timeout=99999999999", "number of seconds"},
		{"bond=bond0:eth0,eth1", "not supported"},
		{"team=t0:eth0", "not supported"},
		{"bridge=br0:eth0", "not supported"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_line(cases[i].line);
		assert_contains(said, cases[i].words);
	}
	assert_string_equal(w.joined, "br0");
	read_line("bond=abcdefghijklmnop:eth0 team=t0");
	assert_string_equal(w.joined, "t0");
	read_line(cases[0].line);
	assert_string_equal(w.joined, "");
	assert_int_equal(w.vlan_count, 1);
	assert_int_equal(w.vlans[0].id, 5);
	read_line(cases[3].line);
	assert_int_equal(ipaddr_to_u32(&w.nameservers[0]), 0x09090909);
}

static void too_many_are_said(void **state)
{
	(void)state;
	read_line("vlan=1 vlan=2 vlan=3 vlan=4 vlan=5 nameserver=1.1.1.1 nameserver=1.1.1.2 "
		"nameserver=1.1.1.3 nameserver=1.1.1.4 nameserver=1.1.1.5");
	assert_int_equal(w.vlan_count, WORDS_VLANS);
	assert_contains(said, "room for 4 of vlan=; '5' is left out");
	assert_contains(said, "'1.1.1.5' is left out");
}

static void own_name_servers_come_first(void **state)
{
	struct lease l = {.dns = {ipaddr_v4(8, 8, 8, 8), ipaddr_v4(8, 8, 4, 4)}};

	(void)state;
	read_line("nameserver=9.9.9.9");
	words_add_nameservers(&w, &l);
	assert_int_equal(ipaddr_to_u32(&l.dns[0]), 0x09090909);
	assert_int_equal(ipaddr_to_u32(&l.dns[1]), 0x08080808);
	assert_int_equal(ipaddr_to_u32(&l.dns[2]), 0x08080404);
	assert_true(ipaddr_is_unset(&l.dns[3]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_them_all),
		cmocka_unit_test(wrong_ones_are_left_out),
		cmocka_unit_test(too_many_are_said),
		cmocka_unit_test(own_name_servers_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
