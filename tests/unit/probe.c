// SPDX-License-Identifier: BSD-2-Clause
// server-stub/probe.h: what counts as another DHCP server's answer, and the question itself.
#include "server-stub/probe.h"
#include "netstack/wire/dhcp.h"
#include "netstack/wire/udp.h"
#include "tests/unit/vectors.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

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

// ---- in virtual time: this file's loop, and its wire ------------------------------------------

static struct interfaces interfaces = {.count = 2, .list = {
	{.name = "br0", .index = 3, .ethernet = true, .address = {IP_V4, {192, 168, 2, 2}}, .prefix = 24},
	{.name = "tun0", .index = 4, .address = {IP_V4, {10, 0, 0, 2}}, .prefix = 24}}};
static struct probes probes;
static uint64_t now;
static unsigned questions;
static int latest_news;
static struct ipaddr latest_server;
static struct {
	uint8_t bytes[1000];
	size_t length;
	int interface;
} arriving;

bool events_watch(struct events *e, struct event_source *source)
{
	(void)e;
	return source->fd == 5;
}

void events_unwatch(struct events *e, struct event_source *source)
{
	(void)e;
	(void)source;
}

void events_timer(struct events *e, struct event_timer *timer, uint64_t due)
{
	(void)e;
	timer->due = due;
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to,
	socklen_t size)
{
	const struct sockaddr_ll *link = (const void *)to;

	(void)bytes;
	(void)flags;
	(void)size;
	assert_int_equal(fd, 5);
	assert_int_equal(link->sll_ifindex, 3);
	questions++;
	return (ssize_t)length;
}

ssize_t recvfrom(int fd, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *from_size)
{
	struct sockaddr_ll *link = (void *)from;

	(void)fd;
	(void)flags;
	(void)from_size;
	if (!arriving.length || arriving.length > size) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(bytes, arriving.bytes, arriving.length);
	*link = (struct sockaddr_ll){.sll_ifindex = arriving.interface, .sll_halen = 6};
	size = arriving.length;
	arriving.length = 0;
	return (ssize_t)size;
}

static void news(void *owner, const struct probe *probe, enum probe_news n,
	const struct probe_answer *answer)
{
	assert_ptr_equal(owner, &probes);
	assert_ptr_equal(probe, &probes.list[0]);
	assert_int_equal(latest_news, -1); // one at a time
	latest_news = (int)n;
	latest_server = answer->server;
}

static void expect_news(int expected)
{
	assert_int_equal(latest_news, expected);
	latest_news = -1;
}

static void run_until(uint64_t end)
{
	struct event_timer *timer = &probes.list[0].timer;

	for (; timer->due <= end; assert_true(timer->due > now)) {
		now = timer->due;
		timer->expired(timer->owner, now);
	}
	now = end;
}

static void arrives(int interface, struct reply r)
{
	arriving.length = datagram(arriving.bytes, sizeof arriving.bytes, r);
	arriving.interface = interface;
	probes.source.readable(probes.source.owner, 5, now);
	assert_int_equal(arriving.length, 0);
}

static int set_up(void **state)
{
	(void)state;
	probes = (struct probes){.news = news, .owner = &probes};
	now = 100000;
	questions = 0;
	latest_news = -1;
	assert_true(probes_start(&probes, NULL, 5, &interfaces, now));
	return 0;
}

static void test_nobody_is_there(void **state)
{
	uint64_t start = now;

	(void)state;
	run_until(start + PROBE_WAIT - 1);
	assert_int_equal(questions, 3);
	assert_int_equal(probes.list[0].state, PROBE_ASKING);
	run_until(start + PROBE_WAIT);
	expect_news(PROBE_NOBODY);
	run_until(start + PROBE_WAIT + PROBE_SOON);
	assert_int_equal(questions, 4);
	run_until(start + PROBE_WAIT + PROBE_SOON + 10 * PROBE_ALONE_REPEAT);
	assert_int_equal(questions, 14);
	assert_int_equal(probes.list[0].state, PROBE_ALONE);
	expect_news(-1);
}

static void test_somebody_is_there(void **state)
{
	(void)state;
	run_until(now + 1500);
	arrives(3, REPLY(.server = other));
	expect_news(PROBE_SERVER);
	assert_int_equal(probes.list[0].state, PROBE_OTHER);
	assert_true(ipaddr_equal(&latest_server, &other));
	for (int i = 0; i < 30; i++) { // it is said once, as long as it answers
		run_until(now + PROBE_OTHER_REPEAT);
		arrives(3, REPLY(.server = other));
	}
	expect_news(-1);
	assert_in_range(questions, 30, 33);
	run_until(now + PROBE_GONE - 1);
	expect_news(-1);
	run_until(now + PROBE_OTHER_REPEAT);
	expect_news(PROBE_SERVER_GONE);
	assert_int_equal(probes.list[0].state, PROBE_ALONE);
	arrives(3, REPLY(.server = other));
	expect_news(PROBE_SERVER);
}

static void test_who_does_not_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		arrives(3, REPLY(.server = interfaces.list[i].address)); // this machine
	arrives(4, REPLY(.server = other)); // another network
	arrives(99, REPLY(.server = other));
	arrives(3, REPLY(.type = DHCPNAK, .server = other));
	assert_int_equal(probes.list[0].state, PROBE_ASKING);
	arrives(3, REPLY(.yiaddr = {0}, .server = other));
	expect_news(PROBE_BOOT_SERVER);
	arrives(3, REPLY(.yiaddr = {0}, .server = other));
	expect_news(-1);
	assert_int_equal(probes.list[0].state, PROBE_ASKING);
}

static void test_a_client_speaks_of_another_server(void **state)
{
	(void)state;
	run_until(now + PROBE_WAIT + PROBE_SOON + 50);
	expect_news(PROBE_NOBODY);
	assert_int_equal(questions, 4);
	for (int i = 0; i < 1000; i++) // at once, but not each time
		probes_suspect(&probes, &interfaces.list[0], now);
	probes_suspect(&probes, &interfaces.list[1], now); // has no hardware address
	run_until(now + PROBE_SUSPECT);
	assert_int_equal(questions, 5);
	run_until(now + PROBE_SUSPECT);
	probes_suspect(&probes, &interfaces.list[0], now);
	run_until(now);
	assert_int_equal(questions, 6);
	arrives(3, REPLY(.type = DHCPACK, .server = other));
	expect_news(PROBE_SERVER);
	probes_suspect(&probes, &interfaces.list[0], now);
	run_until(now + PROBE_OTHER_REPEAT - 1);
	assert_int_equal(questions, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nobody_is_there, set_up),
		cmocka_unit_test_setup(test_somebody_is_there, set_up),
		cmocka_unit_test_setup(test_who_does_not_count, set_up),
		cmocka_unit_test_setup(test_a_client_speaks_of_another_server, set_up),
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_relay_is_told),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
