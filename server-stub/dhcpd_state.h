// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the DHCP service share: dhcpd.c carries messages, dhcp_answer.c decides who
// gets what.
#pragma once

#include "server-stub/arp_check.h"
#include "server-stub/dhcp_network.h"
#include "server-stub/dhcpd.h"
#include "server-stub/machine/dhcp_server.h"
#include "server-stub/probe.h"
#include "netstack/wire/dhcp.h"

enum {
	DHCPD_QUIET = 10 * 60 * 1000, // ms before the same complaint is made again
	DHCPD_URL = 128,
};

// An interface with a hardware address.
struct dhcpd_segment {
	struct dhcpd *d;
	const struct interface *interface; // NULL: none
	const struct ipaddr *router;
	struct dhcp_server machine;
	struct dhcp_network *network; // NULL: no addresses are given here
	const struct probe *probe;
	bool relay_told;              // a relay of another network has been complained of
	bool routed;                  // an IPv6 router has been heard
	uint64_t unbootable;          // when a proxy last had nothing for a machine, 0: not yet
	char address[IPADDR_TEXT];    // the server's
	char url[DHCPD_URL];          // of the boot program, for the answer under way
};

struct dhcpd {
	struct dhcpd_config cfg;
	struct dhcp_networks networks;
	struct dhcpd_segment segments[INTERFACES];
	struct probes probes;
	struct arp_checks checks;
	struct event_source source, pxe; // ports 67 and 4011
	uint64_t unsent;              // when it was last said that an answer could not be sent, 0: not yet
	// The message under way, for the machine's callbacks.
	const uint8_t *packet;
	size_t length;
	uint64_t now;
	bool waits; // its sender is an iPXE that has got its ACK, and may wait for an IPv6 router
};

// Whether a complaint is due, made the last time at *last (0: never); then *last is now.
bool dhcpd_may_complain(uint64_t *last, uint64_t now);
// Whether another server gives the addresses there, and this one boot data.
bool dhcpd_is_proxy(const struct dhcpd_segment *s);
// Whether the message's sender has an address from here.
bool dhcp_answer_holds(const struct dhcpd_segment *s, const struct dhcp_message *m);
// The machine's callbacks, with a segment as their owner (dhcp_server.h).
bool dhcp_answer_find(void *owner, const struct dhcp_server_client *c, struct dhcp_server_answer *a);
bool dhcp_answer_known(void *owner, const struct dhcp_server_client *c);
bool dhcp_answer_grant(void *owner, const struct dhcp_server_client *c,
	const struct dhcp_server_answer *a);
void dhcp_answer_give_back(void *owner, const struct dhcp_server_client *c, bool declined);
// The address that a client was to get has been looked for on the wire.
void dhcp_answer_checked(struct dhcpd_segment *s, const struct arp_check *check, uint64_t now);
