// SPDX-License-Identifier: BSD-2-Clause
// server-stub/probe.h: what counts as another DHCP server's answer, and the question itself.
#include "server-stub/probe.h"
#include "netstack/wire/dhcp.h"
#include "netstack/wire/udp.h"
#include "tests/unit/vectors.h"

struct reply {
	uint8_t op, type;
	struct ipaddr yiaddr, giaddr, server;
	uint16_t port;
	uint8_t protocol;
};

static const struct ipaddr other = {IP_V4, {192, 168, 2, 3}}, offered = {IP_V4, {192, 168, 2, 110}};

static size_t datagram(uint8_t *to, size_t size, struct reply r)
{
	struct dhcp_message m = {.op = r.op, .htype = 1, .hlen = 6, .yiaddr = r.yiaddr, .giaddr = r.giaddr};
	struct ip ip = {.ttl = 9, .protocol = r.protocol, .source = other,
		.destination = ipaddr_v4(255, 255, 255, 255)};
	struct udp udp = {67, r.port};
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes), out = writer_of(to, size);

	dhcp_write_header(&w, &m, NULL, NULL);
	dhcp_write_u8(&w, DHCP_OPTION_MESSAGE_TYPE, r.type);
	if (!ipaddr_is_unset(&r.server))
		dhcp_write_ip(&w, DHCP_OPTION_SERVER_IDENTIFIER, &r.server);
	dhcp_write_end(&w);
	udp_write(&out, &ip, &udp, bytes, writer_length(&w));
	assert_false(out.failed);
	return writer_length(&out);
}

#define REPLY(...) ((struct reply){.op = 2, .type = DHCPOFFER, .yiaddr = offered, .port = 68, \
	.protocol = IP_UDP, __VA_ARGS__})
#pragma GCC diagnostic ignored "-Woverride-init"

static void test_what_counts(void **state)
{
	const struct {
		struct reply reply;
		bool counts;
	} cases[] = {
		{REPLY(.server = other), true},
		{REPLY(.type = DHCPACK, .server = other), true},
		{REPLY(.server = {0}), true},
		{REPLY(.yiaddr = {0}, .server = other), true}, // proxyDHCP
		{REPLY(.type = DHCPACK, .yiaddr = {0}, .server = other), false},
		{REPLY(.type = DHCPNAK, .server = other), false},
		{REPLY(.op = 1, .server = other), false},
		{REPLY(.port = 67, .server = other), false},
		{REPLY(.protocol = 6, .server = other), false},
		{REPLY(.type = DHCPDISCOVER, .server = other), false},
	};
	uint8_t bytes[1000];
	struct probe_answer a;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = datagram(bytes, sizeof bytes, cases[i].reply);

		assert_int_equal(probe_read(bytes, length, &a), cases[i].counts);
		if (!cases[i].counts)
			continue;
		assert_true(ipaddr_equal(&a.server, &other));
		assert_true(ipaddr_equal(&a.offered, &cases[i].reply.yiaddr));
	}
}

static void test_relay_is_told(void **state)
{
	const struct ipaddr far = {IP_V4, {10, 9, 9, 9}}, relay = {IP_V4, {192, 168, 2, 1}};
	uint8_t bytes[1000];
	struct probe_answer a;

	(void)state;
	assert_true(probe_read(bytes,
		datagram(bytes, sizeof bytes, REPLY(.server = far, .giaddr = relay)), &a));
	assert_true(ipaddr_equal(&a.server, &far));
	assert_true(ipaddr_equal(&a.relay, &relay));
}

static void test_truncations(void **state)
{
	uint8_t bytes[1000];
	size_t length = datagram(bytes, sizeof bytes, REPLY(.server = other));
	struct probe_answer a;

	(void)state;
	for (size_t cut = 0; cut < length; cut++) {
		struct bytes exact = exact_copy(bytes, cut);

		assert_false(probe_read(exact.at, cut, &a));
		exact_free(&exact);
	}
}

// A DISCOVER that every server answers to everybody, and no promise to take the offer.
static void test_question(void **state)
{
	static const uint8_t hwaddr[6] = {2, 4, 6, 8, 10, 12};
	uint8_t bytes[DHCP_MINIMUM + IP_HEADER + UDP_HEADER], id[7];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct reader r, segment, payload;
	struct dhcp_message m;
	struct udp udp;
	struct ip ip;

	(void)state;
	probe_write(&w, hwaddr, 0x12345678);
	assert_false(w.failed);
	r = reader_of(bytes, writer_length(&w));
	assert_true(ip_read(&r, &ip, &segment));
	assert_true(udp_read(&segment, &ip, false, &udp, &payload));
	assert_true(ipaddr_is_unset(&ip.source) && ipaddr_is_broadcast(&ip.destination));
	assert_int_equal(udp.source, 68);
	assert_int_equal(udp.destination, 67);
	assert_true(dhcp_parse(&m, payload.at, reader_left(&payload)));
	assert_int_equal(m.type, DHCPDISCOVER);
	assert_int_equal(m.xid, 0x12345678);
	assert_int_equal(m.flags, 0x8000);
	assert_memory_equal(m.chaddr, hwaddr, 6);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_CLIENT_ID, id, sizeof id), 7);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_VENDOR_CLASS, id, sizeof id), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_relay_is_told),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
