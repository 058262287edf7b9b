// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the stack (stack.c, stack_tcp.c, neighbour.c, route.c) know of each other. Not for
// others.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/stack.h"
#include "netstack/wire/icmp.h"

enum { FRAME_MINIMUM = 60 }; // shortest Ethernet frame without its FCS

static inline void stack_drop(struct stack *s)
{
	s->count.dropped++;
}

// Hands a frame to the device. The buffer has room for FRAME_MINIMUM bytes: a shorter frame is
// padded there with zeros. False: the device is busy.
bool stack_transmit(struct stack *s, int interface, uint8_t *frame, size_t length);

// A port of the dynamic range that is neither bound nor was given away lately.
uint16_t stack_ephemeral_port(struct stack *s);
// The header of a datagram that leaves through this interface.
struct ip stack_ip_header(struct stack *s, int interface, uint8_t protocol, const struct ipaddr *to);
// Writes an Ethernet header for IPv4; its destination stays open, for neighbour_send.
void stack_begin_frame(struct stack *s, int interface, struct writer *w);

// A TCP segment for us has come from the station `hwaddr`.
void stack_tcp_input(struct stack *s, int interface, const struct ip *ip, struct reader *segment,
	bool trusted, const uint8_t *hwaddr, uint64_t now);
// A router or the server says that a segment of ours was not delivered.
void stack_tcp_unreachable(struct stack *s, const struct ip *ip, const struct icmp *icmp,
	uint64_t now);
// Sends what the connections have to send; `busy`: frames are coming, so that ACKs may wait.
void stack_tcp_output(struct stack *s, bool busy, uint64_t now);
uint64_t stack_tcp_deadline(const struct stack *s);
bool stack_tcp_port_taken(const struct stack *s, uint16_t port);

// Finds the next hop for `to` (a unicast address) among the interfaces' own networks and the
// routes; `interface` -1: on any of them. Gives the interface number, -1 if there is no way.
int route_find(const struct stack *s, const struct ipaddr *to, int interface, struct ipaddr *hop);

// Sends a frame, complete but for its destination, to the neighbour `hop`; keeps it while ARP has
// not answered. `socket` and `peer` are told if it never does.
enum stack_sent neighbour_send(struct stack *s, int interface, const struct ipaddr *hop,
	uint8_t *frame, size_t length, struct stack_socket *socket, const struct endpoint *peer,
	uint64_t now);
// An ARP packet came in.
void neighbour_input(struct stack *s, int interface, struct reader *packet, uint64_t now);
// A frame from this station came in: what is known of it is still right.
void neighbour_heard(struct stack *s, int interface, const uint8_t hwaddr[6], uint64_t now);
// Tells the network the interface's address (RFC 5227 section 3).
void neighbour_announce(struct stack *s, int interface);
void neighbour_step(struct stack *s, uint64_t now);
uint64_t neighbour_deadline(const struct stack *s);
void neighbour_forget(struct stack *s, int interface);
// The socket is gone: nobody to tell any more.
void neighbour_disown(struct stack *s, const struct stack_socket *socket);
