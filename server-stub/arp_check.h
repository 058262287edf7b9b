// SPDX-License-Identifier: BSD-2-Clause
// Whether somebody uses an address already: ARP probes (RFC 5227 section 2.1.1) before it is
// offered.
//
// Two requests from 0.0.0.0 for the address, a tenth of a second apart; who says within a quarter
// of a second that he has the address, has it. The client for whom it is meant may have it: then it
// is the right one. The message that asked for the address waits here meanwhile.
#pragma once

#include "server-stub/events.h"
#include "server-stub/interface.h"

enum { ARP_CHECKS = 64, ARP_CHECK_PACKET = 1500, ARP_CHECK_REPEAT = 100, ARP_CHECK_WAIT = 250 };

struct arp_checks;

struct arp_check {
	struct arp_checks *checks;
	struct event_timer timer;
	const struct interface *interface; // NULL: this one is not under way
	struct ipaddr address;
	uint8_t client[6], owner[6]; // hardware addresses; owner: whose the address is, if it is in use
	bool in_use;
	uint64_t begun;
	uint16_t length;
	uint8_t packet[ARP_CHECK_PACKET]; // what the client sent
};

struct arp_checks {
	struct events *events;
	int socket;
	struct event_source source;
	// A check has ended; it can be used again after the return.
	void (*done)(void *owner, const struct arp_check *check, uint64_t now);
	void *owner;
	struct arp_check list[ARP_CHECKS];
};

// A packet socket for ARP on all interfaces; -1 and errno.
int arp_check_socket(void);
// `socket` is watched until arp_checks_stop, which leaves it open. False and errno.
bool arp_checks_start(struct arp_checks *c, struct events *events, int socket);
void arp_checks_stop(struct arp_checks *c);
// Begins to look for the address; if that is under way already, the message replaces the one that
// waits. False where too many wait, or the message is too long.
bool arp_check_begin(struct arp_checks *c, const struct interface *interface,
	const struct ipaddr *address, const uint8_t client[6], const void *packet, size_t length,
	uint64_t now);
