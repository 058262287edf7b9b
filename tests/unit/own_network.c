// SPDX-License-Identifier: BSD-2-Clause
// server-stub/own_network.h: this machine's router and name server out of the kernel's and the
// resolver's files. (Addresses in /proc/net/route are as a little-endian machine prints them.)
#include "server-stub/own_network.h"
#include "tests/unit/vectors.h"

#define HEAD "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

static const struct interface br0 = {
	.name = "br0", .address = {IP_V4, {192, 168, 2, 2}}, .prefix = 24};

static void test_gateway(void **state)
{
	static const struct {
		const char *routes, *gateway;
	} cases[] = {
		{HEAD "br0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "192.168.2.1"},
		{HEAD "br0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
		      "br0\t00000000\tFE02A8C0\t0003\t0\t0\t50\t00000000\t0\t0\t0\n", "192.168.2.254"},
		{HEAD "eth1\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "none"},
		{HEAD "br0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "none"},
		{HEAD "br0\t0000000A\t0102A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n", "none"},
		{HEAD "br0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "none"},
		{HEAD "br0\t00000000\t0000", "none"},
		{HEAD, "none"},
		{"", "none"},
		{"\n\n\n", "none"},
		{HEAD "a-name-of-more-than-fifteen-letters\t00000000\t0102A8C0\t3\t0\t0\t0\t0\n", "none"},
	};
	char text[IPADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ipaddr a = own_gateway_in(cases[i].routes, &br0);

		assert_string_equal(ipaddr_format(&a, text), cases[i].gateway);
	}
}

static void test_nameserver(void **state)
{
	static const struct {
		const char *file, *server;
	} cases[] = {
		{"nameserver 192.168.2.1\n", "192.168.2.1"},
		{"# nameserver 1.2.3.4\nsearch example\nnameserver\t10.0.0.1 \nnameserver 10.0.0.2",
			"10.0.0.1"},
		{"nameserver 127.0.0.53\noptions edns0\nnameserver 9.9.9.9", "9.9.9.9"},
		{"nameserver 127.0.0.1\n", "none"},
		{"nameserver fe80::1%eth0\nnameserver 10.0.0.1\r\n", "10.0.0.1"},
		{"nameservers 10.0.0.1\nnameserver10.0.0.1\n", "none"},
		{"nameserver 0.0.0.0\n", "none"},
		{"nameserver", "none"},
		{"nameserver \n10.0.0.1", "none"},
		{"", "none"},
	};
	char text[IPADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ipaddr a = own_nameserver_in(cases[i].file);

		assert_string_equal(ipaddr_format(&a, text), cases[i].server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gateway),
		cmocka_unit_test(test_nameserver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
