// SPDX-License-Identifier: BSD-2-Clause
// A stack with one socket on a wire that the test plays. 10.0.0.2/24 is the stack, 10.0.0.1 a
// neighbour that exists only in the frames given. The clock `now` is the test's.
#pragma once

#include "netstack/stack.h"
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/icmp.h"
#include "netstack/wire/tcp.h"
#include "tests/sim/hub.h"

// What the socket has heard.
struct wire_heard {
	unsigned datagrams, faults;
	struct endpoint from;
	uint8_t payload[STACK_PAYLOAD];
	size_t length;
	struct fault fault;
	struct endpoint peer;
};

extern struct hub hub;
extern struct netdev *dev, *wire; // the stack's device, and the test's end
extern struct stack stack;
extern struct random entropy;
extern struct stack_socket *sock; // port 4000
extern const struct stack_handler handler;
extern struct wire_heard heard;
extern uint64_t now;
extern const struct ipaddr own, peer, none;
extern const uint8_t peer_hwaddr[6], other_hwaddr[6];

// The latest frame of the stack, taken apart.
extern struct ether e;
extern struct arp a;
extern struct ip ip;
extern struct udp udp;
extern struct icmp icmp;
extern struct tcp tcp;
extern struct reader payload;

// A new stack. A cmocka set-up function.
int wire_play_reset(void **state);

// Takes the next frame that the stack has sent; gives its EtherType, 0 if there is none.
uint16_t next_frame(void);
void expect_question(const struct ipaddr *target);
void expect_datagram(const struct ipaddr *to, const uint8_t *hwaddr, uint8_t content);
void expect_nothing(void);
// Takes all frames; gives their number.
unsigned count_frames(void);

// A frame being written for the stack.
extern uint8_t frame[2000];
extern struct writer w;
void begin(const uint8_t *destination, const uint8_t *source, uint16_t type);
// Sends it, and lets the stack take it in.
void deliver(void);
// The same; gives the number of datagrams that the socket then heard.
unsigned delivered(void);
void give_arp(uint16_t operation, const uint8_t *hwaddr, const struct ipaddr *sender,
	const struct ipaddr *target);
// An IP header from the neighbour to the stack.
struct ip header(uint8_t protocol);
// "hello" from port 69 of the neighbour, not yet delivered.
void write_datagram(const struct ip *h, uint16_t port);

// The socket sends one byte to port 69.
enum stack_sent send_to(const struct ipaddr *to, uint8_t content);
// Polls at every deadline up to this time.
void run_until(uint64_t then);
// Afterwards the neighbour is known, and nothing is on the wire.
void meet_peer(void);
