// SPDX-License-Identifier: BSD-2-Clause
// Routing netlink (RFC 3549; rtnetlink(7)): what `ip link`, `ip address` and `ip route` would do,
// and the events of links. Requests wait for the kernel's acknowledgement; 0 or an errno is given.
#pragma once

#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETLINK_HWADDR = 6 };

// One network interface as the kernel describes it.
struct netlink_link {
	int index;
	int below;       // the interface that it sits on (a VLAN's card), 0: none
	bool gone;       // it was removed
	bool ethernet, up;
	bool running;    // it has a carrier, and what is sent goes out
	char name[16];
	uint8_t hwaddr[NETLINK_HWADDR];
	uint32_t mtu;
	uint32_t inet6;  // flags of IPv6 (inet6.h)
};

struct netlink {
	int events;   // link events; poll it for reading
	int requests;
	uint32_t sequence;
};

// Opens both sockets and asks for a description of every link; the answers arrive as events.
int netlink_open(struct netlink *n);
// Who is told what has arrived.
struct netlink_listener {
	void *owner;
	void (*link)(void *owner, const struct netlink_link *link);
	// An option of a router's announcement that the kernel leaves to others (RFC 4861 section 4.6), as it
	// was received on the interface `index`. NULL: nobody wants to know.
	void (*announced)(void *owner, int index, const void *option, size_t length);
};
// Reads what has arrived. Does not block.
void netlink_read(struct netlink *n, const struct netlink_listener *listener);
// Asks for a description of every link; the answers arrive as events.
void netlink_look(struct netlink *n);
int netlink_link_up(struct netlink *n, int index, bool up);
// Only while it is down.
int netlink_rename(struct netlink *n, int index, const char *name);
// Makes the interface `name` for VLAN `id` on the interface `below`; it arrives as an event.
int netlink_add_vlan(struct netlink *n, int below, const char *name, uint16_t id);
int netlink_set_mtu(struct netlink *n, int index, uint32_t mtu);
int netlink_add_address(struct netlink *n, int index, const struct ipaddr *a, unsigned prefix,
	const struct ipaddr *broadcast);
int netlink_delete_address(struct netlink *n, int index, const struct ipaddr *a, unsigned prefix);
// A route to destination/prefix by way of `gateway`, which is taken to be on link whatever its address
// if `on_link` says so; an unset gateway means that the destination itself is on link.
int netlink_add_route(struct netlink *n, int index, const struct ipaddr *destination,
	unsigned prefix, const struct ipaddr *gateway, bool on_link);
