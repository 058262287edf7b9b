// SPDX-License-Identifier: BSD-2-Clause
// The stack on a wire that the test plays: ARP, routes, sockets.
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"
#include "tests/sim/wire_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- ARP

static void test_address_is_announced(void **state)
{
	(void)state;
	expect_question(&own);
	expect_nothing();
}

static void test_asks_then_sends(void **state)
{
	(void)state;
	count_frames();
	assert_int_equal(send_to(&peer, 1), STACK_SENT);
	expect_question(&peer);
	assert_int_equal(send_to(&peer, 2), STACK_SENT); // replaces the first
	expect_nothing();
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	expect_datagram(&peer, peer_hwaddr, 2);
	expect_nothing();
	assert_int_equal(send_to(&peer, 3), STACK_SENT);
	expect_datagram(&peer, peer_hwaddr, 3);
	assert_int_equal(stack_deadline(&stack), UINT64_MAX);
}

static void test_silence_is_reported_within_5_seconds(void **state)
{
	uint64_t begin_time = now;

	(void)state;
	count_frames();
	send_to(&peer, 1);
	run_until(begin_time + 240);
	assert_int_equal(count_frames(), 1);
	run_until(begin_time + 260);
	assert_int_equal(count_frames(), 1); // soon again
	while (!heard.faults)
		run_until(stack_deadline(&stack));
	assert_true(now - begin_time <= 5000);
	assert_int_equal(count_frames(), 4);
	assert_int_equal(heard.fault.id, FAULT_ARP_SILENT);
	assert_string_equal(heard.fault.facts, "from 10.0.0.1 (asked 6 times in 4.5 s)");
	assert_true(ipaddr_equal(&heard.peer.addr, &peer));
	assert_int_equal(heard.peer.port, 69);
}

static void test_silent_for_a_while_then_asked_again(void **state)
{
	(void)state;
	send_to(&peer, 1);
	while (!heard.faults)
		run_until(stack_deadline(&stack));
	count_frames();
	assert_int_equal(send_to(&peer, 2), STACK_SENT);
	assert_int_equal(heard.faults, 1); // never out of stack_send
	stack_poll(&stack, now);
	assert_int_equal(heard.faults, 2);
	expect_nothing();
	run_until(now + 1100);
	assert_int_equal(send_to(&peer, 3), STACK_SENT);
	expect_question(&peer);
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	expect_datagram(&peer, peer_hwaddr, 3);
	assert_int_equal(heard.faults, 2);
}

static void test_unbound_socket_is_told_nothing(void **state)
{
	(void)state;
	send_to(&peer, 1);
	stack_unbind(&stack, sock);
	run_until(now + 10000);
	assert_int_equal(heard.faults, 0);
}

static void test_questions_are_answered(void **state)
{
	(void)state;
	count_frames();
	give_arp(ARP_REQUEST, peer_hwaddr, &peer, &own);
	assert_int_equal(next_frame(), ETHER_ARP);
	assert_int_equal(a.operation, ARP_REPLY);
	assert_true(ipaddr_equal(&a.sender, &own));
	assert_true(ipaddr_equal(&a.target, &peer));
	assert_memory_equal(a.target_hwaddr, peer_hwaddr, 6);
	assert_memory_equal(e.destination, peer_hwaddr, 6);
	give_arp(ARP_REQUEST, peer_hwaddr, &peer, &peer);
	expect_nothing();
	stack_set_address(&stack, 0, &none, 0, now);
	give_arp(ARP_REQUEST, peer_hwaddr, &peer, &own);
	expect_nothing();
}

static void test_unasked_replies_teach_nothing(void **state)
{
	(void)state;
	count_frames();
	give_arp(ARP_REPLY, other_hwaddr, &peer, &own);
	send_to(&peer, 1);
	expect_question(&peer);
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	expect_datagram(&peer, peer_hwaddr, 1);
}

// Somebody else claims the neighbour's address: we ask, and whoever answers first has it.
static void test_claims_are_verified(void **state)
{
	(void)state;
	meet_peer();
	now += 2000;
	give_arp(ARP_REPLY, other_hwaddr, &peer, &own);
	expect_question(&peer);
	send_to(&peer, 2);
	expect_datagram(&peer, peer_hwaddr, 2);
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	send_to(&peer, 3);
	expect_datagram(&peer, peer_hwaddr, 3);
	// A real change, announced and then confirmed.
	now += 2000;
	give_arp(ARP_REQUEST, other_hwaddr, &peer, &peer);
	expect_question(&peer);
	give_arp(ARP_REPLY, other_hwaddr, &peer, &own);
	send_to(&peer, 4);
	expect_datagram(&peer, other_hwaddr, 4);
}

static void test_claims_make_no_storm(void **state)
{
	(void)state;
	meet_peer();
	now += 2000;
	for (int i = 0; i < 100; i++) {
		give_arp(ARP_REPLY, other_hwaddr, &peer, &own);
		give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	}
	assert_int_equal(count_frames(), 1);
}

// The server's card is exchanged without a word: found again because it is not heard any more.
static void test_changed_card_is_found(void **state)
{
	(void)state;
	meet_peer();
	now += 4000;
	send_to(&peer, 2);
	expect_datagram(&peer, peer_hwaddr, 2);
	expect_nothing();
	now += 1100;
	send_to(&peer, 3);
	expect_question(&peer);
	expect_datagram(&peer, peer_hwaddr, 3);
	give_arp(ARP_REPLY, other_hwaddr, &peer, &own);
	send_to(&peer, 4);
	expect_datagram(&peer, other_hwaddr, 4);
}

static void test_heard_neighbour_is_not_asked(void **state)
{
	struct ip h = header(IP_UDP);

	(void)state;
	meet_peer();
	for (int i = 0; i < 10; i++) {
		now += 4000;
		write_datagram(&h, 4000);
		assert_int_equal(delivered(), 1);
		send_to(&peer, 2);
		expect_datagram(&peer, peer_hwaddr, 2);
		expect_nothing();
	}
}

// A neighbour that sends is there, even if it does not answer to ARP.
static void test_heard_neighbour_need_not_answer(void **state)
{
	struct ip h = header(IP_UDP);

	(void)state;
	meet_peer();
	now += 6000;
	send_to(&peer, 2);
	expect_question(&peer);
	expect_datagram(&peer, peer_hwaddr, 2);
	write_datagram(&h, 4000);
	assert_int_equal(delivered(), 1);
	assert_int_equal(stack_deadline(&stack), UINT64_MAX);
	run_until(now + 4000);
	send_to(&peer, 3);
	expect_datagram(&peer, peer_hwaddr, 3);
	expect_nothing();
	assert_int_equal(heard.faults, 0);
}

static void test_known_neighbour_that_falls_silent_is_reported(void **state)
{
	(void)state;
	meet_peer();
	for (uint64_t begin_time = now; !heard.faults; run_until(now + 500)) {
		assert_true(now - begin_time < 11000);
		send_to(&peer, 1);
	}
	assert_int_equal(heard.fault.id, FAULT_ARP_SILENT);
}

static void test_own_address_elsewhere_is_ignored(void **state)
{
	(void)state;
	count_frames();
	give_arp(ARP_REQUEST, other_hwaddr, &own, &own);
	give_arp(ARP_REPLY, other_hwaddr, &own, &own);
	expect_nothing();
}

static void test_group_is_no_neighbours_address(void **state)
{
	static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
	struct arp packet = {.operation = ARP_REPLY, .sender = peer, .target = own};

	(void)state;
	count_frames();
	send_to(&peer, 1);
	expect_question(&peer);
	memcpy(packet.sender_hwaddr, group, 6);
	begin(dev->hwaddr, peer_hwaddr, ETHER_ARP);
	arp_write(&w, &packet);
	deliver();
	expect_nothing();
	give_arp(ARP_REPLY, peer_hwaddr, &peer, &own);
	expect_datagram(&peer, peer_hwaddr, 1);
}

// The place of the neighbour that was not used for the longest time is taken.
static void test_neighbour_in_use_keeps_its_place(void **state)
{
	(void)state;
	meet_peer();
	for (uint8_t i = 0; i < 40; i++) {
		struct ipaddr to = ipaddr_v4(10, 0, 0, (uint8_t)(100 + i));

		now += 10;
		send_to(&to, 1);
		expect_question(&to);
		give_arp(ARP_REPLY, other_hwaddr, &to, &own);
		expect_datagram(&to, other_hwaddr, 1);
		now += 10;
		send_to(&peer, 2);
		expect_datagram(&peer, peer_hwaddr, 2);
		expect_nothing();
	}
}

static void test_more_neighbours_than_places(void **state)
{
	(void)state;
	count_frames();
	for (uint8_t i = 0; i < 100; i++) {
		struct ipaddr to = ipaddr_v4(10, 0, 0, (uint8_t)(100 + i));

		now++;
		assert_int_equal(send_to(&to, 1), STACK_SENT);
		expect_question(&to);
		give_arp(ARP_REPLY, peer_hwaddr, &to, &own);
		expect_datagram(&to, peer_hwaddr, 1);
	}
}

// ---- routes

static void test_longest_prefix_wins(void **state)
{
	struct ipaddr r1 = ipaddr_v4(10, 0, 0, 251), r2 = ipaddr_v4(10, 0, 0, 252);
	struct ipaddr any = ipaddr_from_u32(0), net = ipaddr_v4(192, 168, 0, 0);
	struct ipaddr near = ipaddr_v4(192, 168, 5, 5), far = ipaddr_v4(8, 8, 8, 8);
	struct ipaddr direct = ipaddr_v4(192, 168, 7, 7);

	(void)state;
	count_frames();
	assert_int_equal(send_to(&far, 1), STACK_NO_ROUTE);
	assert_true(stack_add_route(&stack, &any, 0, &r1, 0));
	assert_true(stack_add_route(&stack, &net, 16, &r2, 0));
	assert_true(stack_add_route(&stack, &direct, 32, &none, 0));
	send_to(&far, 1);
	expect_question(&r1);
	send_to(&near, 1);
	expect_question(&r2);
	send_to(&direct, 1);
	expect_question(&direct);
	send_to(&peer, 1);
	expect_question(&peer);
}

static void test_first_of_equal_routes_wins(void **state)
{
	struct ipaddr r1 = ipaddr_v4(10, 0, 0, 251), r2 = ipaddr_v4(10, 0, 0, 252);
	struct ipaddr any = ipaddr_from_u32(0), far = ipaddr_v4(8, 8, 8, 8);

	(void)state;
	count_frames();
	stack_add_route(&stack, &any, 0, &r1, 0);
	stack_add_route(&stack, &any, 0, &r2, 0);
	send_to(&far, 1);
	expect_question(&r1);
}

static void test_netmask_0_still_uses_the_router(void **state)
{
	struct ipaddr router = ipaddr_v4(10, 0, 0, 254), any = ipaddr_from_u32(0);
	struct ipaddr far = ipaddr_v4(8, 8, 8, 8);

	(void)state;
	count_frames();
	stack_set_address(&stack, 0, &own, 0, now);
	count_frames();
	send_to(&far, 1);
	expect_question(&far);
	stack_add_route(&stack, &any, 0, &router, 0);
	send_to(&far, 1);
	expect_question(&router);
}

static void test_router_outside_the_network_is_asked(void **state)
{
	struct ipaddr router = ipaddr_v4(172, 16, 0, 1), any = ipaddr_from_u32(0);
	struct ipaddr far = ipaddr_v4(8, 8, 8, 8);

	(void)state;
	count_frames();
	stack_add_route(&stack, &any, 0, &router, 0);
	send_to(&far, 1);
	expect_question(&router);
	give_arp(ARP_REPLY, peer_hwaddr, &router, &own);
	expect_datagram(&far, peer_hwaddr, 1);
}

static void test_two_interfaces(void **state)
{
	struct ipaddr address = ipaddr_v4(10, 1, 0, 2), there = ipaddr_v4(10, 1, 0, 1);
	struct ipaddr all = ipaddr_from_u32(0);
	static struct hub elsewhere;
	struct netdev *second, *far_end;
	struct netdev_frame f;
	struct endpoint to = {.addr = there, .interface = 0, .port = 69};

	(void)state;
	hub_init(&elsewhere);
	second = hub_port(&elsewhere);
	far_end = hub_port(&elsewhere);
	assert_int_equal(stack_add_interface(&stack, second), 1);
	stack_set_address(&stack, 1, &address, 24, now);
	count_frames();
	assert_int_equal(far_end->ops->receive(far_end, &f, 1), 1);
	assert_int_equal(send_to(&there, 1), STACK_SENT);
	expect_nothing();
	assert_int_equal(far_end->ops->receive(far_end, &f, 1), 1);
	assert_int_equal(stack_send(&stack, sock, &to, "x", 1, now), STACK_NO_ROUTE);
	// A route of one interface is none for the other.
	stack_add_route(&stack, &all, 0, &there, 1);
	to.addr = ipaddr_v4(8, 8, 8, 8);
	assert_int_equal(stack_send(&stack, sock, &to, "x", 1, now), STACK_NO_ROUTE);
	assert_int_equal(send_to(&to.addr, 1), STACK_SENT);
	assert_int_equal(send_to(&peer, 1), STACK_SENT);
	expect_question(&peer);
	to.addr = ipaddr_v4(255, 255, 255, 255);
	assert_int_equal(stack_send(&stack, sock, &to, "x", 1, now), STACK_SENT);
	expect_datagram(&to.addr, ether_broadcast, 'x');
	to.interface = -1;
	assert_int_equal(stack_send(&stack, sock, &to, "x", 1, now), STACK_NO_ROUTE);
}

// ---- sockets

// Enough binds that chance would repeat a port, were it not for the rules.
static void test_ports_are_not_used_again_soon(void **state)
{
	enum { BINDS = 60000 };
	static uint16_t seen[BINDS];
	struct stack_socket *held = stack_bind(&stack, -1, STACK_PORT_ANY, &handler), *k;

	(void)state;
	for (int i = 0; i < BINDS; i++) {
		k = stack_bind(&stack, -1, STACK_PORT_ANY, &handler);
		assert_non_null(k);
		assert_in_range(k->port, 49152, 65535);
		assert_int_not_equal(k->port, held->port);
		for (int j = i > STACK_RECENT_PORTS ? i - STACK_RECENT_PORTS : 0; j < i; j++)
			assert_int_not_equal(k->port, seen[j]);
		seen[i] = k->port;
		stack_unbind(&stack, k);
	}
}

static void test_ports_in_use(void **state)
{
	(void)state;
	assert_null(stack_bind(&stack, 0, 4000, &handler));
	assert_null(stack_bind(&stack, -1, 4000, &handler));
	for (int i = 1; i < STACK_SOCKETS; i++)
		assert_non_null(stack_bind(&stack, -1, STACK_PORT_ANY, &handler));
	assert_null(stack_bind(&stack, -1, STACK_PORT_ANY, &handler));
}

static void __attribute__((noinline)) dirty_the_stack(void)
{
	volatile uint8_t frames[8192];

	for (size_t i = 0; i < sizeof frames; i++)
		frames[i] = 0xee;
}

// Nothing of an earlier frame goes out in the padding of a short one.
static void test_padding_is_zero(void **state)
{
	struct netdev_frame f;

	(void)state;
	meet_peer();
	dirty_the_stack();
	send_to(&peer, 0xaa);
	assert_int_equal(wire->ops->receive(wire, &f, 1), 1);
	assert_int_equal(f.length, 60);
	for (size_t i = 14 + 20 + 8 + 1; i < f.length; i++)
		assert_int_equal(f.bytes[i], 0);
}

static void test_sizes_and_busy_device(void **state)
{
	static uint8_t big[STACK_PAYLOAD + 1];
	struct endpoint to = {.addr = peer, .interface = -1, .port = 69};

	(void)state;
	meet_peer();
	assert_int_equal(stack_send(&stack, sock, &to, big, STACK_PAYLOAD, now), STACK_SENT);
	assert_int_equal(next_frame(), ETHER_IP);
	assert_int_equal(reader_left(&payload), STACK_PAYLOAD);
	assert_true(ip.dont_fragment);
	assert_int_equal(stack_send(&stack, sock, &to, big, STACK_PAYLOAD + 1, now), STACK_TOO_LARGE);
	stack.interfaces[0].mtu = 576;
	assert_int_equal(stack_send(&stack, sock, &to, big, 549, now), STACK_TOO_LARGE);
	assert_int_equal(stack_send(&stack, sock, &to, big, 548, now), STACK_SENT);
	((struct hub_port *)dev)->busy = true;
	assert_int_equal(stack_send(&stack, sock, &to, big, 1, now), STACK_BUSY);
	((struct hub_port *)dev)->busy = false;
	assert_int_equal(stack_send(&stack, sock, &to, big, 1, now), STACK_SENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, wire_play_reset)
		CASE(test_address_is_announced),
		CASE(test_asks_then_sends),
		CASE(test_silence_is_reported_within_5_seconds),
		CASE(test_silent_for_a_while_then_asked_again),
		CASE(test_unbound_socket_is_told_nothing),
		CASE(test_questions_are_answered),
		CASE(test_unasked_replies_teach_nothing),
		CASE(test_claims_are_verified),
		CASE(test_claims_make_no_storm),
		CASE(test_changed_card_is_found),
		CASE(test_heard_neighbour_is_not_asked),
		CASE(test_heard_neighbour_need_not_answer),
		CASE(test_known_neighbour_that_falls_silent_is_reported),
		CASE(test_own_address_elsewhere_is_ignored),
		CASE(test_group_is_no_neighbours_address),
		CASE(test_neighbour_in_use_keeps_its_place),
		CASE(test_more_neighbours_than_places),
		CASE(test_longest_prefix_wins),
		CASE(test_first_of_equal_routes_wins),
		CASE(test_netmask_0_still_uses_the_router),
		CASE(test_router_outside_the_network_is_asked),
		CASE(test_two_interfaces),
		CASE(test_ports_are_not_used_again_soon),
		CASE(test_ports_in_use),
		CASE(test_padding_is_zero),
		CASE(test_sizes_and_busy_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
