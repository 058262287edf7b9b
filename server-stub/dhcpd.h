// SPDX-License-Identifier: BSD-2-Clause
// The DHCP service: messages from port 67, the server machine (machine/dhcp_server.h) for each
// interface, the addresses it gives (addresses.h), and boot data by the client's architecture.
//
// Before it gives addresses on an interface it asks whether somebody else does there: a DISCOVER of
// its own, and a listening ear. Another server's answer makes it a proxy on that interface, which
// gives boot data only, for as long as that server is there; who has an address from here keeps it.
#pragma once

#include "server-stub/events.h"
#include "server-stub/interface.h"

enum dhcpd_mode {
	DHCPD_OFF,
	DHCPD_AUTO, // gives addresses where nobody else does, and is a proxy elsewhere
	DHCPD_POOL, // gives addresses, whoever else does
	DHCPD_PROXY, // gives none, only boot data beside a server that does
};

struct dhcpd_pool {
	struct ipaddr first, last; // unset: the upper half of the interface's network
};

// Opened with privilege, used without.
struct dhcpd_sockets {
	int udp; // port 67
	int pxe; // port 4011, of a proxy only; -1 also where DHCPD_AUTO could not have it
	int arp; // packet socket for ARP
	int ear; // packet socket that asks for and hears other DHCP servers
	int routers; // packet socket for router advertisements
};

extern const struct dhcpd_sockets dhcpd_closed; // none

struct dhcpd_config {
	struct events *events;
	const struct interfaces *interfaces; // must stay valid
	enum dhcpd_mode mode;
	struct dhcpd_sockets sockets; // the service's from then on
	struct dhcpd_pool pool;
	struct ipaddr router[INTERFACES]; // in the order of the interfaces, unset: none is told
	struct ipaddr dns;           // unset: none is told
	const char *domain;          // NULL: none is told
	uint32_t lease_time;         // seconds, 0: an hour
	const char *root_path;       // option 17, NULL: none; clients take next-server for its server
	bool no_router_advert;       // a ROM that waits for an IPv6 router waits
	const char *boot_bios, *boot_x64, *boot_arm64; // names of boot programs, NULL: there is none
	uint16_t http_port;          // where they are to be had by HTTP, too; 0: nowhere
};

struct dhcpd;

// Opens the sockets for these interfaces. False and errno where that is impossible; then none is
// open, and *port is that which could not be had (EADDRINUSE: another server has it).
bool dhcpd_open(struct dhcpd_sockets *sockets, const struct interfaces *interfaces,
	enum dhcpd_mode mode, uint16_t *port);
// Those that are open.
void dhcpd_close(struct dhcpd_sockets *sockets);
// Texts of the configuration must stay valid. NULL and errno where memory or the kernel refuses.
// What is wrong with the pool is said and not fatal: where it does not fit, no address is given.
struct dhcpd *dhcpd_start(const struct dhcpd_config *config);
void dhcpd_stop(struct dhcpd *d);
