// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/wire_play.h"
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct hub hub;
struct netdev *dev, *wire;
struct stack stack;
struct random entropy;
struct stack_socket *sock;
uint64_t now;

const struct ipaddr own = {.family = IP_V4, .bytes = {10, 0, 0, 2}};
const struct ipaddr peer = {.family = IP_V4, .bytes = {10, 0, 0, 1}};
const struct ipaddr none;
const uint8_t peer_hwaddr[6] = {2, 0, 0, 0, 0, 0x11};
const uint8_t other_hwaddr[6] = {2, 0, 0, 0, 0, 0x22};

struct wire_heard heard;

static void on_input(void *owner, const struct datagram *d, uint64_t when)
{
	(void)owner;
	assert_int_equal(when, now);
	heard.datagrams++;
	heard.from = d->from;
	heard.length = d->length;
	memcpy(heard.payload, d->payload, d->length);
}

static void on_unreachable(void *owner, const struct endpoint *to, const struct fault *fault,
	uint64_t when)
{
	(void)owner;
	(void)when;
	heard.faults++;
	heard.fault = *fault;
	heard.peer = *to;
}

const struct stack_handler handler = {.input = on_input, .unreachable = on_unreachable};

int wire_play_reset(void **state)
{
	(void)state;
	now = 100000;
	hub_init(&hub);
	dev = hub_port(&hub);
	wire = hub_port(&hub);
	random_seed(&entropy, (const uint8_t[16]){7});
	stack_init(&stack, &entropy);
	assert_int_equal(stack_add_interface(&stack, dev), 0);
	stack_set_address(&stack, 0, &own, 24, now);
	sock = stack_bind(&stack, -1, 4000, &handler);
	memset(&heard, 0, sizeof heard);
	return 0;
}

// ---- frames from the stack

struct ether e;
struct arp a;
struct ip ip;
struct udp udp;
struct icmp icmp;
struct tcp tcp;
struct reader payload;

// The next frame that the stack has sent, taken apart; its EtherType, 0 if there is none.
uint16_t next_frame(void)
{
	struct netdev_frame f;
	struct reader r, segment;

	if (!wire->ops->receive(wire, &f, 1))
		return 0;
	assert_in_range(f.length, 60, 1514);
	r = reader_of(f.bytes, f.length);
	assert_true(ether_read(&r, &e));
	assert_memory_equal(e.source, dev->hwaddr, 6);
	if (e.type == ETHER_ARP) {
		assert_true(arp_read(&r, &a));
		assert_memory_equal(a.sender_hwaddr, dev->hwaddr, 6);
	} else {
		assert_true(ip_read(&r, &ip, &segment));
		if (ip.protocol == IP_UDP)
			assert_true(udp_read(&segment, &ip, false, &udp, &payload));
		else if (ip.protocol == IP_TCP)
			assert_true(tcp_read(&segment, &ip, false, &tcp, &payload));
		else
			assert_true(icmp_read(&segment, &icmp));
	}
	return e.type;
}

void expect_question(const struct ipaddr *target)
{
	assert_int_equal(next_frame(), ETHER_ARP);
	assert_int_equal(a.operation, ARP_REQUEST);
	assert_true(ipaddr_equal(&a.target, target));
	assert_true(ipaddr_equal(&a.sender, &stack.interfaces[0].address));
	assert_memory_equal(e.destination, ether_broadcast, 6);
}

void expect_datagram(const struct ipaddr *to, const uint8_t *hwaddr, uint8_t content)
{
	assert_int_equal(next_frame(), ETHER_IP);
	assert_true(ipaddr_equal(&ip.destination, to));
	assert_memory_equal(e.destination, hwaddr, 6);
	assert_int_equal(udp.source, sock->port);
	assert_int_equal(*payload.at, content);
}

void expect_nothing(void)
{
	assert_int_equal(next_frame(), 0);
}

// ---- frames to the stack

uint8_t frame[2000];
struct writer w;

void begin(const uint8_t *destination, const uint8_t *source, uint16_t type)
{
	struct ether header = {.type = type};

	memcpy(header.destination, destination, 6);
	memcpy(header.source, source, 6);
	w = writer_of(frame, sizeof frame);
	ether_write(&w, &header);
}

void deliver(void)
{
	hub_inject(&hub, wire, frame, writer_length(&w));
	stack_poll(&stack, now);
}

void give_arp(uint16_t operation, const uint8_t *hwaddr, const struct ipaddr *sender,
	const struct ipaddr *target)
{
	struct arp packet = {.operation = operation, .sender = *sender, .target = *target};

	memcpy(packet.sender_hwaddr, hwaddr, 6);
	memcpy(packet.target_hwaddr, dev->hwaddr, 6);
	begin(operation == ARP_REPLY ? dev->hwaddr : ether_broadcast, hwaddr, ETHER_ARP);
	arp_write(&w, &packet);
	deliver();
}

struct ip header(uint8_t protocol)
{
	return (struct ip){.ttl = 64, .protocol = protocol, .source = peer, .destination = own};
}

// A datagram of 5 bytes for the socket, not yet delivered.
void write_datagram(const struct ip *h, uint16_t port)
{
	struct udp ports = {.source = 69, .destination = port};

	begin(dev->hwaddr, peer_hwaddr, ETHER_IP);
	udp_write(&w, h, &ports, "hello", 5);
}

unsigned delivered(void)
{
	unsigned before = heard.datagrams;

	deliver();
	return heard.datagrams - before;
}

enum stack_sent send_to(const struct ipaddr *to, uint8_t content)
{
	struct endpoint end = {.addr = *to, .interface = -1, .port = 69};

	return stack_send(&stack, sock, &end, &content, 1, now);
}

void run_until(uint64_t then)
{
	while (stack_deadline(&stack) <= then) {
		now = stack_deadline(&stack) > now ? stack_deadline(&stack) : now;
		stack_poll(&stack, now);
	}
	now = then;
}

unsigned count_frames(void)
{
	unsigned n = 0;

	while (next_frame())
		n++;
	return n;
}

// The neighbour is known, nothing is on the wire.
void meet_peer(void)
{
	assert_int_equal(send_to(&peer, 1), STACK_SENT);
	count_frames();
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	count_frames();
}

