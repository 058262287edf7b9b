// SPDX-License-Identifier: BSD-2-Clause
// The stack on a wire that the test plays: what it must drop, and what ICMP may do.
#include "tests/sim/wire_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { AT_IP = 14, AT_UDP = 34, AT_ICMP = 34 }; // offsets in the frame

static void good_datagram(void)
{
	struct ip h = header(IP_UDP);

	write_datagram(&h, 4000);
}

// Corrects the IP header's checksum after it was tampered with.
static void fix_ip_checksum(void)
{
	uint16_t sum;

	frame[AT_IP + 10] = frame[AT_IP + 11] = 0;
	sum = ip_checksum_end(ip_checksum_add(0, frame + AT_IP, 4 * (frame[AT_IP] & 15)));
	frame[AT_IP + 10] = (uint8_t)(sum >> 8);
	frame[AT_IP + 11] = (uint8_t)sum;
}

static void test_good_datagram_is_heard(void **state)
{
	(void)state;
	good_datagram();
	assert_int_equal(delivered(), 1);
	assert_int_equal(heard.length, 5);
	assert_memory_equal(heard.payload, "hello", 5);
	assert_int_equal(heard.from.port, 69);
	assert_int_equal(heard.from.interface, 0);
	assert_true(ipaddr_equal(&heard.from.addr, &peer));
}

// ---- frames

static struct netdev_frame handed; // by the driver below, at every call

static size_t exact_receive(struct netdev *d, struct netdev_frame *burst, size_t max)
{
	(void)d;
	(void)max;
	burst[0] = handed;
	return 1;
}

// Hands the first `length` bytes of the frame over in memory of exactly that size, so that ASan sees
// every byte read too far, as one of `claimed` bytes.
static void deliver_exactly(size_t length, size_t claimed)
{
	struct netdev_ops ops = *dev->ops;
	struct netdev exact = *dev;
	uint8_t *copy = test_malloc(length ? length : 1);

	memcpy(copy, frame, length);
	handed = (struct netdev_frame){.bytes = copy, .length = claimed};
	ops.receive = exact_receive;
	exact.ops = &ops;
	stack.interfaces[0].dev = &exact;
	stack_poll(&stack, now);
	stack.interfaces[0].dev = dev;
	test_free(copy);
}

static void test_every_length(void **state)
{
	size_t whole;

	(void)state;
	good_datagram();
	whole = writer_length(&w);
	for (size_t length = 0; length < whole; length++) {
		deliver_exactly(length, length);
		assert_int_equal(heard.datagrams, 0);
	}
	memset(frame + whole, 0xee, sizeof frame - whole); // padding
	deliver_exactly(1514, 1514);
	assert_int_equal(heard.datagrams, 1);
	assert_int_equal(heard.length, 5);
}

static void test_absurd_length(void **state)
{
	(void)state;
	good_datagram();
	deliver_exactly(NETDEV_FRAME + 1, 65000);
	assert_int_equal(heard.datagrams, 0);
	deliver_exactly(0, 0);
	assert_int_equal(heard.datagrams, 0);
}

static void test_foreign_stations(void **state)
{
	static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
	struct ip h = header(IP_UDP);

	(void)state;
	good_datagram();
	memcpy(frame, other_hwaddr, 6);
	assert_int_equal(delivered(), 0);
	good_datagram();
	memcpy(frame, group, 6);
	assert_int_equal(delivered(), 0);
	good_datagram();
	memcpy(frame + 6, group, 6); // from a group
	assert_int_equal(delivered(), 0);
	good_datagram();
	memcpy(frame, ether_broadcast, 6); // a unicast address in a broadcast frame
	assert_int_equal(delivered(), 0);
	h.destination = ipaddr_v4(10, 0, 0, 3);
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 0);
	h.destination = ipaddr_v4(224, 0, 0, 1);
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 0);
}

static void test_broadcasts_are_heard(void **state)
{
	struct ip h = header(IP_UDP);

	(void)state;
	h.destination = ipaddr_v4(255, 255, 255, 255);
	write_datagram(&h, 4000);
	memcpy(frame, ether_broadcast, 6);
	assert_int_equal(delivered(), 1);
	h.destination = ipaddr_v4(10, 0, 0, 255);
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 1);
	h.destination = ipaddr_v4(10, 0, 1, 255);
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 0);
}

// A DHCP server sends to the address that it is about to give.
static void test_dhcp_is_heard_at_any_address(void **state)
{
	struct ip h = header(IP_UDP);

	(void)state;
	sock->port = 68;
	h.destination = ipaddr_v4(10, 0, 0, 77);
	write_datagram(&h, 68);
	assert_int_equal(delivered(), 1);
	stack_set_address(&stack, 0, &none, 0, now);
	write_datagram(&h, 68);
	assert_int_equal(delivered(), 1);
	sock->port = 4000;
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 0);
}

static void test_sources_that_nobody_has(void **state)
{
	struct ipaddr bad[] = {ipaddr_v4(255, 255, 255, 255), ipaddr_v4(10, 0, 0, 255),
		ipaddr_v4(224, 0, 0, 1), ipaddr_v4(240, 0, 0, 1), ipaddr_v4(127, 0, 0, 1), own};
	struct ip h = header(IP_UDP);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		h.source = bad[i];
		write_datagram(&h, 4000);
		assert_int_equal(delivered(), 0);
	}
}

static void test_storm_leaves_the_loop_its_time(void **state)
{
	(void)state;
	begin(ether_broadcast, other_hwaddr, 0x0806);
	write_zeros(&w, 46);
	for (int i = 0; i < HUB_QUEUE; i++)
		hub_inject(&hub, wire, frame, writer_length(&w));
	assert_int_equal(stack_poll(&stack, now), 256);
	assert_int_equal(stack_poll(&stack, now), 256);
	assert_int_equal(stack_poll(&stack, now), 0);
	good_datagram();
	assert_int_equal(delivered(), 1);
}

// ---- IP and UDP

static void tampered_ip(size_t offset, uint8_t value)
{
	good_datagram();
	frame[AT_IP + offset] = value;
	if (offset != 10)
		fix_ip_checksum();
	assert_int_equal(delivered(), 0);
}

static void test_bad_ip_headers(void **state)
{
	(void)state;
	tampered_ip(0, 0x55);  // version
	tampered_ip(0, 0x44);  // IHL < 5
	tampered_ip(0, 0x40);
	tampered_ip(0, 0x4f);  // IHL beyond the data
	tampered_ip(2, 0xff);  // total length beyond the frame
	tampered_ip(3, 19);    // shorter than the header
	tampered_ip(3, 20);    // without UDP
	tampered_ip(6, 0x20);  // more fragments
	tampered_ip(7, 1);     // a later fragment
	tampered_ip(9, IP_TCP);
	tampered_ip(10, 0x12); // checksum
	good_datagram();
	assert_int_equal(delivered(), 1);
}

static void test_options_in_the_ip_header(void **state)
{
	static const uint8_t nops[4] = {1, 1, 1, 0};

	(void)state;
	good_datagram();
	write_zeros(&w, 4);
	memmove(frame + AT_UDP + 4, frame + AT_UDP, writer_length(&w) - AT_UDP - 4);
	memcpy(frame + AT_UDP, nops, 4);
	frame[AT_IP] = 0x46;
	frame[AT_IP + 3] += 4;
	fix_ip_checksum();
	assert_int_equal(delivered(), 1);
	assert_memory_equal(heard.payload, "hello", 5);
}

static void udp_length(uint16_t length)
{
	good_datagram();
	frame[AT_UDP + 4] = (uint8_t)(length >> 8);
	frame[AT_UDP + 5] = (uint8_t)length;
	frame[AT_UDP + 6] = frame[AT_UDP + 7] = 0; // no checksum
	assert_int_equal(delivered(), 0);
}

static void test_udp_lengths(void **state)
{
	(void)state;
	udp_length(0);
	udp_length(7);
	udp_length(14);
	udp_length(65535);
	udp_length(8 + 5 + 1);
}

static void test_checksums(void **state)
{
	(void)state;
	good_datagram();
	frame[AT_UDP + 8] ^= 1;
	assert_int_equal(delivered(), 0);
	dev->caps = NETDEV_RX_CHECKSUM_OK;
	assert_int_equal(delivered(), 1);
	dev->caps = 0;
	good_datagram();
	frame[AT_UDP + 6] = frame[AT_UDP + 7] = 0;
	assert_int_equal(delivered(), 1);
}

static void test_unbound_port(void **state)
{
	struct ip h = header(IP_UDP);

	(void)state;
	write_datagram(&h, 4001);
	assert_int_equal(delivered(), 0);
	count_frames();
	stack_unbind(&stack, sock);
	good_datagram();
	assert_int_equal(delivered(), 0);
	expect_nothing();
}

// ---- ICMP

static void write_echo(const struct ip *h, const void *data, size_t length)
{
	struct icmp echo = {.type = ICMP_ECHO, .id = 7, .sequence = 8, .data = reader_of(data, length)};

	begin(dev->hwaddr, peer_hwaddr, ETHER_IP);
	ip_write(&w, h, 8 + length);
	icmp_write_echo(&w, &echo);
}

static void test_echo(void **state)
{
	static uint8_t data[1472];
	struct ip h = header(IP_ICMP);

	(void)state;
	count_frames();
	data[0] = 42;
	for (size_t length = 0; length <= sizeof data; length += 368) {
		write_echo(&h, data, length);
		deliver();
		assert_int_equal(next_frame(), ETHER_IP);
		assert_int_equal(icmp.type, ICMP_ECHO_REPLY);
		assert_int_equal(icmp.id, 7);
		assert_int_equal(icmp.sequence, 8);
		assert_int_equal(reader_left(&icmp.data), length);
		assert_memory_equal(icmp.data.at, data, length);
		assert_memory_equal(e.destination, peer_hwaddr, 6);
	}
	write_echo(&h, data, 10);
	frame[AT_ICMP + 9] ^= 1;
	deliver();
	expect_nothing();
}

static void test_echo_is_limited(void **state)
{
	struct ip h = header(IP_ICMP);
	unsigned answers = 0;

	(void)state;
	count_frames();
	write_echo(&h, "x", 1);
	for (int i = 0; i < 1000; i++) {
		deliver();
		answers += count_frames();
	}
	assert_in_range(answers, 10, 100);
	now += 1000;
	deliver();
	assert_int_equal(count_frames(), 1);
}

static void test_echo_to_all_or_from_nobody(void **state)
{
	struct ip h = header(IP_ICMP);

	(void)state;
	count_frames();
	h.destination = ipaddr_v4(10, 0, 0, 255);
	write_echo(&h, "x", 1);
	deliver();
	h.destination = ipaddr_v4(255, 255, 255, 255);
	write_echo(&h, "x", 1);
	memcpy(frame, ether_broadcast, 6);
	deliver();
	h = header(IP_ICMP);
	h.source = ipaddr_from_u32(0);
	write_echo(&h, "x", 1);
	deliver();
	expect_nothing();
}

// "Not delivered", quoting a datagram from the socket's port to `to`.
static void give_unreachable(uint8_t code, const struct ipaddr *from, const struct ipaddr *to,
	uint16_t source_port, uint16_t port)
{
	struct ip h = header(IP_ICMP), quoted = {.ttl = 1, .protocol = IP_UDP, .source = *from};
	struct udp ports = {.source = source_port, .destination = port};
	uint16_t sum;

	quoted.destination = *to;
	begin(dev->hwaddr, peer_hwaddr, ETHER_IP);
	ip_write(&w, &h, 8 + 28);
	write_u8(&w, ICMP_UNREACHABLE);
	write_u8(&w, code);
	write_zeros(&w, 6);
	udp_write(&w, &quoted, &ports, NULL, 0);
	sum = ip_checksum_end(ip_checksum_add(0, frame + AT_ICMP, writer_length(&w) - AT_ICMP));
	write_u16_at(&w, AT_ICMP + 2, sum);
	deliver();
}

static void test_port_unreachable(void **state)
{
	(void)state;
	meet_peer();
	give_unreachable(ICMP_PORT, &own, &peer, 4000, 69);
	assert_int_equal(heard.faults, 1);
	assert_int_equal(heard.fault.id, FAULT_PORT_CLOSED);
	assert_string_equal(heard.fault.facts, "(10.0.0.1, UDP port 69)");
	assert_int_equal(heard.peer.port, 69);
}

static void test_host_unreachable(void **state)
{
	(void)state;
	meet_peer();
	give_unreachable(ICMP_HOST, &own, &peer, 4000, 69);
	assert_int_equal(heard.fault.id, FAULT_UNREACHABLE);
	assert_string_equal(heard.fault.facts, "(10.0.0.1 says so of 10.0.0.1, ICMP code 1)");
}

static void test_forged_unreachables(void **state)
{
	struct ipaddr other = ipaddr_v4(10, 0, 0, 9);

	(void)state;
	meet_peer();
	give_unreachable(ICMP_PORT, &own, &peer, 4001, 69);
	give_unreachable(ICMP_PORT, &own, &peer, 4000, 70);
	give_unreachable(ICMP_PORT, &own, &other, 4000, 69);
	give_unreachable(ICMP_PORT, &other, &peer, 4000, 69);
	assert_int_equal(heard.faults, 0);
}

// ---- nonsense

static void test_random_frames(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t length = random_below(&entropy, 120);

		good_datagram();
		w.at = frame + length;
		for (size_t k = random_below(&entropy, 60); k < length; k++)
			if (random_below(&entropy, 4) == 0)
				frame[k] = (uint8_t)random_u32(&entropy);
		if (random_below(&entropy, 2))
			frame[AT_IP + 9] = IP_ICMP;
		if (random_below(&entropy, 8) == 0)
			frame[13] = 6;
		if (random_below(&entropy, 2))
			fix_ip_checksum();
		deliver_exactly(length, length);
		if (i % 100 == 0)
			now += 500;
		count_frames();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, wire_play_reset)
		CASE(test_good_datagram_is_heard),
		CASE(test_every_length),
		CASE(test_absurd_length),
		CASE(test_foreign_stations),
		CASE(test_broadcasts_are_heard),
		CASE(test_dhcp_is_heard_at_any_address),
		CASE(test_sources_that_nobody_has),
		CASE(test_storm_leaves_the_loop_its_time),
		CASE(test_bad_ip_headers),
		CASE(test_options_in_the_ip_header),
		CASE(test_udp_lengths),
		CASE(test_checksums),
		CASE(test_unbound_port),
		CASE(test_echo),
		CASE(test_echo_is_limited),
		CASE(test_echo_to_all_or_from_nobody),
		CASE(test_port_unreachable),
		CASE(test_host_unreachable),
		CASE(test_forged_unreachables),
		CASE(test_random_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
