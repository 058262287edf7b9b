// SPDX-License-Identifier: BSD-2-Clause
// TCP connections of the stack on a wire that the test plays: ports, ARP, ICMP, segments of no
// connection, checksums, bursts.
#include "netstack/tcp_client.h"
#include "tests/sim/tcp_reader.h"
#include "tests/sim/wire_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SEQUENCE = 1000 };

static struct tcp_client t;
static struct tcp_reader reader;
static struct sim_file file = {.name = "stream", .size = 1 << 20, .seed = 4};
static const struct tcp_client_config config = {
	.random = &entropy,
	.server = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 1}}, .interface = -1, .port = 80},
};

// ---- the server's side

// A segment from the neighbour, not yet delivered.
static void write_segment(const struct tcp *segment, const void *bytes, size_t length)
{
	struct ip h = header(IP_TCP);

	begin(dev->hwaddr, peer_hwaddr, ETHER_IP);
	tcp_write(&w, &h, segment, bytes, length);
}

static struct tcp from_server(uint8_t flags, uint32_t offset)
{
	return (struct tcp){.source = 80, .destination = t.cfg.local.port, .flags = flags,
		.sequence = SEQUENCE + 1 + offset, .acknowledgment = t.iss + 1, .window = 60000};
}

static void inject(uint32_t offset, size_t length)
{
	struct tcp segment = from_server(TCP_ACK, offset);
	uint8_t bytes[1460];

	sim_file_read(&file, offset, bytes, length);
	write_segment(&segment, bytes, length);
	hub_inject(&hub, wire, frame, writer_length(&w));
}

static void expect_segment(uint8_t flags)
{
	assert_int_equal(next_frame(), ETHER_IP);
	assert_int_equal(ip.protocol, IP_TCP);
	assert_true(ipaddr_equal(&ip.source, &own) && ipaddr_equal(&ip.destination, &peer));
	assert_true(ip.dont_fragment);
	assert_memory_equal(e.destination, peer_hwaddr, 6);
	assert_int_equal(tcp.flags, flags);
}

static void start(void)
{
	meet_peer();
	assert_true(stack_connect(&stack, &t, &config, now));
	tcp_reader_start(&reader, &t.stream, &file);
	stack_poll(&stack, now);
	expect_segment(TCP_SYN);
	assert_int_equal(tcp.destination, 80);
	assert_in_range(tcp.source, 49152, 65535);
	assert_int_equal(tcp.mss, 1460);
}

static void connect(void)
{
	struct tcp answer;

	start();
	answer = from_server(TCP_SYN | TCP_ACK, 0);
	answer.sequence--;
	answer.sack_permitted = true;
	write_segment(&answer, NULL, 0);
	deliver();
	expect_segment(TCP_ACK);
	expect_nothing();
	assert_int_equal(t.stream.state, STREAM_OPEN);
}

static int reset(void **state)
{
	tcp_reader_free(&reader);
	return wire_play_reset(state);
}

// ---- connections

static void test_a_transfer(void **state)
{
	(void)state;
	connect();
	assert_true(stream_write(&t.stream, "get", 3, now));
	assert_int_equal(stack_deadline(&stack), 0);
	stack_poll(&stack, now);
	expect_segment(TCP_ACK | TCP_PSH);
	assert_int_equal(reader_left(&payload), 3);
	inject(0, 1460);
	stack_poll(&stack, now);
	expect_segment(TCP_ACK);
	assert_int_equal(reader.at, 1460);
	stack_disconnect(&stack, &t, now);
	expect_segment(TCP_RST | TCP_ACK);
	expect_nothing();
	assert_int_equal(stack_deadline(&stack), UINT64_MAX);
	inject(1460, 1000); // nobody there any more
	stack_poll(&stack, now);
	expect_segment(TCP_RST);
	assert_int_equal(reader.at, 1460);
}

static void test_one_ack_for_each_burst(void **state)
{
	(void)state;
	connect();
	for (uint32_t i = 0; i < NETDEV_BURST; i++)
		inject(i * 1000, 1000);
	stack_poll(&stack, now);
	assert_int_equal(count_frames(), 1);
	assert_int_equal(tcp.acknowledgment, SEQUENCE + 1 + NETDEV_BURST * 1000);
	assert_int_equal(reader.at, NETDEV_BURST * 1000);
}

static void test_a_gap_is_told_at_once(void **state)
{
	(void)state;
	connect();
	inject(1000, 1000);
	for (uint32_t i = 2; i < 20; i++)
		inject(i * 1000, 1000);
	inject(0, 1000);
	stack_poll(&stack, now);
	expect_segment(TCP_ACK);
	assert_int_equal(tcp.acknowledgment, SEQUENCE + 1);
	assert_int_equal(tcp.sack[0].end, SEQUENCE + 1 + 2000);
	assert_int_equal(count_frames(), 3); // two duplicate ACKs more, and the one of the burst
	assert_int_equal(tcp.acknowledgment, SEQUENCE + 1 + 20000);
}

static void test_damaged_segments_are_dropped(void **state)
{
	(void)state;
	connect();
	inject(0, 0);
	stack_poll(&stack, now);
	count_frames();
	for (size_t i = 0; i < 8; i++) {
		struct tcp segment = from_server(TCP_ACK, 0);

		write_segment(&segment, "x", 1);
		frame[14 + 20 + 5 * i / 2] ^= 0x10;
		deliver();
		expect_nothing();
	}
	assert_int_equal(reader.at, 0);
	assert_true(stack.count.dropped >= 8);
}

static void test_busy_device(void **state)
{
	(void)state;
	connect();
	inject(0, 1000);
	((struct hub_port *)dev)->busy = true;
	stack_poll(&stack, now);
	assert_int_equal(stack_deadline(&stack), 0);
	((struct hub_port *)dev)->busy = false;
	expect_nothing();
	stack_poll(&stack, now);
	expect_segment(TCP_ACK);
	expect_nothing();
}

static void test_several_connections(void **state)
{
	static struct tcp_client more[STACK_CONNECTIONS];
	uint16_t ports[STACK_CONNECTIONS];

	(void)state;
	meet_peer();
	for (int i = 0; i < STACK_CONNECTIONS; i++) {
		assert_true(stack_connect(&stack, &more[i], &config, now));
		ports[i] = more[i].cfg.local.port;
		for (int k = 0; k < i; k++)
			assert_int_not_equal(ports[i], ports[k]);
	}
	assert_false(stack_connect(&stack, &t, &config, now));
	assert_int_equal(t.stream.state, STREAM_FAILED);
	assert_int_equal(t.stream.fault.id, FAULT_MEMORY);
	stack_disconnect(&stack, &t, now);
	stack_disconnect(&stack, &more[3], now);
	assert_true(stack_connect(&stack, &t, &config, now));
}

static void test_no_way(void **state)
{
	struct tcp_client_config far = config;

	(void)state;
	far.server.addr = ipaddr_v4(8, 8, 8, 8);
	assert_false(stack_connect(&stack, &t, &far, now));
	assert_int_equal(t.stream.state, STREAM_FAILED);
	assert_int_equal(t.stream.fault.id, FAULT_NO_ROUTE);
	far.server.addr = ipaddr_v4(255, 255, 255, 255);
	assert_false(stack_connect(&stack, &t, &far, now));
	far.server = config.server;
	far.server.interface = 7;
	assert_false(stack_connect(&stack, &t, &far, now));
}

// ---- ARP and ICMP

static void test_server_that_does_not_answer_arp(void **state)
{
	uint64_t begin_time = now;

	(void)state;
	assert_true(stack_connect(&stack, &t, &config, now));
	while (t.stream.state == STREAM_OPENING && now - begin_time < 20000)
		run_until(stack_deadline(&stack) > now ? stack_deadline(&stack) : now);
	assert_true(now - begin_time <= 5000);
	assert_int_equal(t.stream.state, STREAM_FAILED);
	assert_int_equal(t.stream.fault.id, FAULT_ARP_SILENT);
}

// An ICMP error that quotes a segment with this sequence number from this port.
static void give_unreachable(uint8_t code, uint16_t port, uint32_t sequence)
{
	struct ip h = header(IP_ICMP), original = {.ttl = 63, .protocol = IP_TCP, .source = own,
		.destination = peer};
	size_t start;
	uint16_t sum;

	begin(dev->hwaddr, peer_hwaddr, ETHER_IP);
	ip_write(&w, &h, 8 + IP_HEADER + 8);
	start = writer_length(&w);
	write_u8(&w, ICMP_UNREACHABLE);
	write_u8(&w, code);
	write_zeros(&w, 6);
	ip_write(&w, &original, 40);
	write_u16(&w, port);
	write_u16(&w, 80);
	write_u32(&w, sequence);
	sum = ip_checksum_end(ip_checksum_add(0, w.start + start, writer_length(&w) - start));
	write_u16_at(&w, start + 2, sum);
	deliver();
}

static void test_unreachable(void **state)
{
	(void)state;
	start();
	give_unreachable(ICMP_HOST, t.cfg.local.port, t.iss + 1); // a guess
	give_unreachable(ICMP_HOST, t.cfg.local.port ^ 1, t.iss);
	assert_int_equal(t.stream.state, STREAM_OPENING);
	give_unreachable(ICMP_HOST, t.cfg.local.port, t.iss);
	assert_int_equal(t.stream.state, STREAM_FAILED);
	assert_int_equal(t.stream.fault.id, FAULT_UNREACHABLE);
	assert_string_equal(t.stream.fault.facts, "(10.0.0.1 says so of 10.0.0.1, ICMP code 1)");
	stack_disconnect(&stack, &t, now);
	tcp_reader_free(&reader);
	start();
	give_unreachable(ICMP_PORT, t.cfg.local.port, t.iss);
	assert_int_equal(t.stream.fault.id, FAULT_TCP_REFUSED);
	stack_disconnect(&stack, &t, now);
	tcp_reader_free(&reader);
	wire_play_reset(NULL);
	connect();
	give_unreachable(ICMP_PORT, t.cfg.local.port, t.iss);
	assert_int_equal(t.stream.state, STREAM_OPEN);
}

// ---- segments of no connection

static void test_strangers_are_refused(void **state)
{
	struct tcp syn = {.source = 999, .destination = 22, .flags = TCP_SYN, .sequence = 77};
	struct tcp data = {.source = 999, .destination = 22, .flags = TCP_ACK, .sequence = 77,
		.acknowledgment = 12345};
	struct tcp rst = {.source = 999, .destination = 22, .flags = TCP_RST | TCP_ACK};

	(void)state;
	count_frames();
	write_segment(&syn, NULL, 0);
	deliver();
	expect_segment(TCP_RST | TCP_ACK);
	assert_int_equal(tcp.source, 22);
	assert_int_equal(tcp.destination, 999);
	assert_int_equal(tcp.sequence, 0);
	assert_int_equal(tcp.acknowledgment, 78);
	write_segment(&data, "xyz", 3);
	deliver();
	expect_segment(TCP_RST);
	assert_int_equal(tcp.sequence, 12345);
	write_segment(&rst, NULL, 0);
	deliver();
	expect_nothing(); // never a reset for a reset
}

static void test_refusals_are_bounded(void **state)
{
	struct tcp syn = {.source = 999, .destination = 22, .flags = TCP_SYN, .sequence = 77};

	(void)state;
	count_frames();
	for (int i = 0; i < 200; i++) {
		write_segment(&syn, NULL, 0);
		deliver();
	}
	assert_in_range(count_frames(), 1, 20);
	now += 1000;
	write_segment(&syn, NULL, 0);
	deliver();
	assert_int_equal(count_frames(), 1);
}

static void test_segments_to_everybody_are_ignored(void **state)
{
	struct tcp syn = {.source = 999, .destination = 22, .flags = TCP_SYN, .sequence = 77};
	struct ip h = header(IP_TCP);

	(void)state;
	count_frames();
	h.destination = ipaddr_v4(10, 0, 0, 255);
	begin(ether_broadcast, peer_hwaddr, ETHER_IP);
	tcp_write(&w, &h, &syn, NULL, 0);
	deliver();
	expect_nothing();
	h.destination = own;
	begin(ether_broadcast, peer_hwaddr, ETHER_IP);
	tcp_write(&w, &h, &syn, NULL, 0);
	deliver();
	expect_nothing();
}

// Another address of the same port is another connection.
static void test_other_servers_are_strangers(void **state)
{
	struct ip h = header(IP_TCP);
	struct tcp segment;

	(void)state;
	connect();
	segment = from_server(TCP_RST | TCP_ACK, 0);
	h.source = ipaddr_v4(10, 0, 0, 9);
	begin(dev->hwaddr, other_hwaddr, ETHER_IP);
	tcp_write(&w, &h, &segment, NULL, 0);
	deliver();
	segment = from_server(TCP_RST | TCP_ACK, 0);
	segment.source = 81;
	write_segment(&segment, NULL, 0);
	deliver();
	expect_nothing();
	assert_int_equal(t.stream.state, STREAM_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, reset, reset)
		CASE(test_a_transfer),
		CASE(test_one_ack_for_each_burst),
		CASE(test_a_gap_is_told_at_once),
		CASE(test_damaged_segments_are_dropped),
		CASE(test_busy_device),
		CASE(test_several_connections),
		CASE(test_no_way),
		CASE(test_server_that_does_not_answer_arp),
		CASE(test_unreachable),
		CASE(test_strangers_are_refused),
		CASE(test_refusals_are_bounded),
		CASE(test_segments_to_everybody_are_ignored),
		CASE(test_other_servers_are_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
