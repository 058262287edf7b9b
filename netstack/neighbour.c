// SPDX-License-Identifier: BSD-2-Clause
// The stack's ARP cache (RFC 826; RFC 1122 section 2.3.2).
//
// FREE -> ASKING -> KNOWN; ASKING without an answer -> SILENT -> FREE. Per neighbour the newest
// datagram is kept while its address is asked for; when nobody answers, its sender is told.
//
// An address is taken from a packet only while a question of ours for it is open. Anything else that
// claims another address for a KNOWN neighbour (an announcement, a stray or forged reply) just makes
// us ask: the first answer counts. The same question is asked when a neighbour that we send to has
// not been heard for a while, so that a server whose card was changed is found again.
#include "netstack/base/memory.h"
#include "netstack/stack_parts.h"
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"

enum {
	UNHEARD = 5000,     // ms after which a neighbour in use is asked for again
	SILENCE = 1000,     // ms for which a silent one is not
	DOUBT_PAUSE = 1000, // ms between questions that others' packets provoke
	ASKED_AT_MOST = 6,
};

// ms to wait after each question: 4.5 s in all.
static const uint16_t patience[ASKED_AT_MOST] = {250, 500, 1000, 1000, 1000, 750};

static void send_arp(struct stack *s, int interface, const struct arp *a, const uint8_t *destination)
{
	uint8_t frame[FRAME_MINIMUM];
	struct writer w = writer_of(frame, sizeof frame);
	struct ether e = {.type = ETHER_ARP};

	memcpy(e.destination, destination, 6);
	memcpy(e.source, a->sender_hwaddr, 6);
	ether_write(&w, &e);
	arp_write(&w, a);
	stack_transmit(s, interface, frame, writer_length(&w));
}

static void send_request(struct stack *s, int interface, const struct ipaddr *target)
{
	const struct stack_interface *i = &s->interfaces[interface];
	struct arp a = {.operation = ARP_REQUEST, .sender = i->address, .target = *target};

	memcpy(a.sender_hwaddr, i->dev->hwaddr, 6);
	send_arp(s, interface, &a, ether_broadcast);
}

static void ask(struct stack *s, struct stack_neighbour *n, uint64_t now)
{
	if (n->tries == 0)
		n->asked_first = now;
	n->tries++;
	n->asked_last = now;
	send_request(s, n->interface, &n->address);
}

static struct stack_neighbour *find(struct stack *s, int interface, const struct ipaddr *address)
{
	for (int i = 0; i < STACK_NEIGHBOURS; i++) {
		struct stack_neighbour *n = &s->neighbours[i];

		if (n->state != NEIGHBOUR_FREE && n->interface == interface &&
			ipaddr_equal(&n->address, address))
			return n;
	}
	return NULL;
}

// A place for a new neighbour: a free one, else the one not used for the longest time.
static struct stack_neighbour *claim(struct stack *s)
{
	struct stack_neighbour *best = &s->neighbours[0];

	for (int i = 0; i < STACK_NEIGHBOURS; i++) {
		struct stack_neighbour *n = &s->neighbours[i];

		if (n->state == NEIGHBOUR_FREE)
			return n;
		if (n->used_last < best->used_last)
			best = n;
	}
	return best;
}

static bool send_known(struct stack *s, struct stack_neighbour *n, uint8_t *frame, size_t length)
{
	memcpy(frame, n->hwaddr, 6);
	return stack_transmit(s, n->interface, frame, length);
}

static void keep(struct stack_neighbour *n, const uint8_t *frame, size_t length,
	struct stack_socket *socket, const struct endpoint *peer)
{
	memcpy(n->waiting, frame, length);
	n->waiting_length = length;
	n->waiting_socket = socket;
	n->waiting_for = *peer;
}

enum stack_sent neighbour_send(struct stack *s, int interface, const struct ipaddr *hop,
	uint8_t *frame, size_t length, struct stack_socket *socket, const struct endpoint *peer,
	uint64_t now)
{
	struct stack_neighbour *n = find(s, interface, hop);

	if (!n) {
		n = claim(s);
		n->state = NEIGHBOUR_ASKING;
		n->interface = interface;
		n->address = *hop;
		n->tries = 0;
		n->waiting_length = 0;
		ask(s, n, now);
	}
	n->used_last = now;
	if (n->state != NEIGHBOUR_KNOWN) {
		keep(n, frame, length, socket, peer);
		return STACK_SENT;
	}
	if (now - n->confirmed >= UNHEARD && n->tries == 0)
		ask(s, n, now);
	return send_known(s, n, frame, length) ? STACK_SENT : STACK_BUSY;
}

// The answer to our question has come.
static void learn(struct stack *s, struct stack_neighbour *n, const uint8_t *hwaddr, uint64_t now)
{
	memcpy(n->hwaddr, hwaddr, 6);
	n->state = NEIGHBOUR_KNOWN;
	n->tries = 0;
	n->confirmed = now;
	if (n->waiting_length)
		send_known(s, n, n->waiting, n->waiting_length);
	n->waiting_length = 0;
}

static void answer(struct stack *s, int interface, const struct arp *request)
{
	const struct stack_interface *i = &s->interfaces[interface];
	struct arp a = {.operation = ARP_REPLY, .sender = i->address, .target = request->sender};

	memcpy(a.sender_hwaddr, i->dev->hwaddr, 6);
	memcpy(a.target_hwaddr, request->sender_hwaddr, 6);
	send_arp(s, interface, &a, request->sender_hwaddr);
}

void neighbour_input(struct stack *s, int interface, struct reader *packet, uint64_t now)
{
	const struct stack_interface *i = &s->interfaces[interface];
	struct stack_neighbour *n;
	struct arp a;

	if (!arp_read(packet, &a) || ipaddr_is_unset(&i->address) || a.sender_hwaddr[0] & 1 ||
		memcmp(a.sender_hwaddr, i->dev->hwaddr, 6) == 0 || ipaddr_equal(&a.sender, &i->address)) {
		stack_drop(s);
		return;
	}
	n = find(s, interface, &a.sender);
	if (n && n->state != NEIGHBOUR_SILENT) {
		if (n->tries)
			learn(s, n, a.sender_hwaddr, now);
		else if (memcmp(n->hwaddr, a.sender_hwaddr, 6) != 0 && now - n->asked_last >= DOUBT_PAUSE)
			ask(s, n, now);
	}
	if (a.operation == ARP_REQUEST && ipaddr_equal(&a.target, &i->address))
		answer(s, interface, &a);
}

void neighbour_heard(struct stack *s, int interface, const uint8_t hwaddr[6], uint64_t now)
{
	for (int i = 0; i < STACK_NEIGHBOURS; i++) {
		struct stack_neighbour *n = &s->neighbours[i];

		if (n->state != NEIGHBOUR_KNOWN || n->interface != interface ||
			memcmp(n->hwaddr, hwaddr, 6) != 0)
			continue;
		n->confirmed = now;
		n->tries = 0;
	}
}

void neighbour_announce(struct stack *s, int interface)
{
	send_request(s, interface, &s->interfaces[interface].address);
}

// Tells the sender of the datagram kept that it will not arrive.
static void report(struct stack_neighbour *n, uint64_t now)
{
	struct stack_socket *socket = n->waiting_socket;
	char hop[IPADDR_TEXT], peer[IPADDR_TEXT];
	uint32_t ms = (uint32_t)(n->asked_last - n->asked_first) + patience[ASKED_AT_MOST - 1];
	struct fault fault;

	n->waiting_length = 0;
	if (!socket || !socket->handler.unreachable)
		return;
	ipaddr_format(&n->address, hop);
	ipaddr_format(&n->waiting_for.addr, peer);
	if (ipaddr_equal(&n->address, &n->waiting_for.addr))
		fault_set(&fault, FAULT_ARP_SILENT, "from %s (asked %u times in %u.%u s)", hop, n->tries,
			ms / 1000, ms % 1000 / 100);
	else
		fault_set(&fault, FAULT_ARP_SILENT, "from %s, the router to %s (asked %u times in %u.%u s)",
			hop, peer, n->tries, ms / 1000, ms % 1000 / 100);
	socket->handler.unreachable(socket->handler.owner, &n->waiting_for, &fault, now);
}

// When the next step of this neighbour is due.
static uint64_t due(const struct stack_neighbour *n)
{
	if (n->state == NEIGHBOUR_FREE || n->tries == 0)
		return UINT64_MAX;
	if (n->state == NEIGHBOUR_SILENT)
		return n->waiting_length ? 0 : n->asked_last + patience[ASKED_AT_MOST - 1] + SILENCE;
	return n->asked_last + patience[n->tries - 1];
}

static void step(struct stack *s, struct stack_neighbour *n, uint64_t now)
{
	if (n->state == NEIGHBOUR_SILENT) {
		if (n->waiting_length)
			report(n, now);
		else
			n->state = NEIGHBOUR_FREE;
	} else if (n->tries < ASKED_AT_MOST) {
		ask(s, n, now);
	} else {
		n->state = NEIGHBOUR_SILENT;
		if (n->waiting_length)
			report(n, now);
	}
}

void neighbour_step(struct stack *s, uint64_t now)
{
	for (int i = 0; i < STACK_NEIGHBOURS; i++)
		if (now >= due(&s->neighbours[i]))
			step(s, &s->neighbours[i], now);
}

uint64_t neighbour_deadline(const struct stack *s)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < STACK_NEIGHBOURS; i++)
		if (due(&s->neighbours[i]) < first)
			first = due(&s->neighbours[i]);
	return first;
}

void neighbour_forget(struct stack *s, int interface)
{
	for (int i = 0; i < STACK_NEIGHBOURS; i++)
		if (s->neighbours[i].interface == interface)
			s->neighbours[i].state = NEIGHBOUR_FREE;
}

void neighbour_disown(struct stack *s, const struct stack_socket *socket)
{
	for (int i = 0; i < STACK_NEIGHBOURS; i++)
		if (s->neighbours[i].waiting_socket == socket)
			s->neighbours[i].waiting_socket = NULL;
}
