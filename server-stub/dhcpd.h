// SPDX-License-Identifier: BSD-2-Clause
// The DHCP service: messages from port 67, the server machine (machine/dhcp_server.h) for each
// interface, the addresses it gives (addresses.h), and boot data by the client's architecture.
//
// Before it gives addresses on an interface it asks whether somebody else does there: a DISCOVER of
// its own, and a listening ear. Another server's answer makes it silent on that interface, and it
// says whose answer that was and what can be done.
#pragma once

#include "server-stub/events.h"
#include "server-stub/interface.h"

enum dhcpd_mode {
	DHCPD_OFF,
	DHCPD_AUTO, // gives addresses where nobody else does
	DHCPD_POOL, // gives addresses, whoever else does
};

struct dhcpd_pool {
	struct ipaddr first, last; // unset: the upper half of the interface's network
};

struct dhcpd_config {
	struct events *events;
	const struct interfaces *interfaces; // must stay valid
	enum dhcpd_mode mode;
	int socket;                  // bound to port 67 with IP_PKTINFO and SO_BROADCAST, the service's
	int raw[INTERFACES];         // packet sockets for ARP, in the order of the interfaces; -1: none
	struct dhcpd_pool pool;
	struct ipaddr router[INTERFACES]; // per interface, unset: none is told
	struct ipaddr dns;           // unset: none is told
	const char *domain;          // NULL: none is told
	uint32_t lease_time;         // seconds, 0: an hour
	const char *root_path;       // option 17, NULL: none
	const char *boot_bios, *boot_x64, *boot_arm64; // names of boot programs, NULL: there is none
};

struct dhcpd;

// Sockets for the configuration; -1 and errno where that is impossible.
int dhcpd_bind(void);
int dhcpd_raw(const struct interface *i);
// NULL where memory is missing.
struct dhcpd *dhcpd_start(const struct dhcpd_config *config);
void dhcpd_stop(struct dhcpd *d);
