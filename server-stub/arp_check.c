// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/arp_check.h"
#include "server-stub/own_network.h"
#include "server-stub/packet_batch.h"
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ARP_LENGTH = 28 };

int arp_check_socket(void)
{
	return socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETHER_ARP));
}

// A probe names no sender address, so that nobody learns a wrong one from it.
static void send_probe(const struct arp_check *check)
{
	struct arp arp = {.operation = ARP_REQUEST, .target = check->address};
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHER_ARP),
		.sll_ifindex = check->interface->index,
		.sll_halen = 6,
	};
	uint8_t bytes[ARP_LENGTH];
	struct writer w = writer_of(bytes, sizeof bytes);

	memcpy(to.sll_addr, ether_broadcast, sizeof ether_broadcast);
	own_hwaddr(check->interface, check->checks->socket, arp.sender_hwaddr);
	arp_write(&w, &arp);
	// A probe that cannot be sent is one that was lost.
	(void)!sendto(check->checks->socket, bytes, writer_length(&w), MSG_DONTWAIT,
		(struct sockaddr *)&to, sizeof to);
}

static void end(struct arp_check *check, uint64_t now)
{
	struct arp_checks *all = check->checks;
	struct arp_check ended = *check;

	events_timer(all->events, &check->timer, UINT64_MAX);
	check->interface = NULL; // the owner may begin another one here
	all->done(all->owner, &ended, now);
}

static void expired(void *owner, uint64_t now)
{
	struct arp_check *check = owner;

	if (now >= check->begun + ARP_CHECK_WAIT) {
		end(check, now);
		return;
	}
	send_probe(check);
	events_timer(check->checks->events, &check->timer, check->begun + ARP_CHECK_WAIT);
}

// A reply and a request tell alike whose an address is. One who only probes for it himself (sender
// 0.0.0.0) does not have it yet.
static void judge(struct arp_check *check, const struct arp *arp, uint64_t now)
{
	if (!ipaddr_equal(&arp->sender, &check->address))
		return;
	check->in_use = memcmp(arp->sender_hwaddr, check->client, sizeof check->client) != 0;
	memcpy(check->owner, arp->sender_hwaddr, sizeof check->owner);
	end(check, now);
}

static void heard(void *owner, const struct sockaddr_ll *from, const uint8_t *bytes, size_t length,
	uint64_t now)
{
	struct arp_checks *c = owner;
	struct reader r = reader_of(bytes, length);
	struct arp arp;

	if (!arp_read(&r, &arp))
		return;
	for (size_t i = 0; i < ARP_CHECKS; i++)
		if (c->list[i].interface && c->list[i].interface->index == from->sll_ifindex)
			judge(&c->list[i], &arp, now);
}

static void readable(void *owner, int fd, uint64_t now)
{
	packet_batch(fd, heard, owner, now);
}

bool arp_checks_start(struct arp_checks *c, struct events *events, int socket)
{
	c->events = events;
	c->socket = socket;
	c->source = (struct event_source){.fd = socket, .readable = readable, .owner = c};
	for (size_t i = 0; i < ARP_CHECKS; i++)
		c->list[i] = (struct arp_check){
			.checks = c, .timer = {.expired = expired, .owner = &c->list[i]}};
	return events_watch(events, &c->source);
}

void arp_checks_stop(struct arp_checks *c)
{
	for (size_t i = 0; i < ARP_CHECKS; i++)
		events_timer(c->events, &c->list[i].timer, UINT64_MAX);
	events_unwatch(c->events, &c->source);
}

static struct arp_check *slot_for(struct arp_checks *c, const struct interface *interface,
	const struct ipaddr *address)
{
	struct arp_check *unused = NULL;

	for (size_t i = 0; i < ARP_CHECKS; i++) {
		struct arp_check *check = &c->list[i];

		if (!check->interface)
			unused = unused ? unused : check;
		else if (check->interface == interface && ipaddr_equal(&check->address, address))
			return check;
	}
	return unused;
}

bool arp_check_begin(struct arp_checks *c, const struct interface *interface,
	const struct ipaddr *address, const uint8_t client[6], const void *packet, size_t length,
	uint64_t now)
{
	struct arp_check *check = slot_for(c, interface, address);

	if (!check || length > sizeof check->packet)
		return false;
	memcpy(check->packet, packet, length);
	check->length = (uint16_t)length;
	memcpy(check->client, client, sizeof check->client);
	if (check->interface)
		return true;
	check->interface = interface;
	check->address = *address;
	check->in_use = false;
	check->begun = now;
	send_probe(check);
	events_timer(c->events, &check->timer, now + ARP_CHECK_REPEAT);
	return true;
}
