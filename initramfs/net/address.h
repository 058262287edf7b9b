// SPDX-License-Identifier: BSD-2-Clause
// A lease's addresses, routes and MTU in the kernel.
#pragma once

#include "initramfs/net/netlink.h"
#include "netstack/lease.h"

#include <stdbool.h>

// Configures the interface as the lease says. False if it could not get its address; what else fails
// is a notice. May be called again with the same address.
bool address_set(struct netlink *n, const struct netlink_link *link, const struct lease *lease);
// A further route; a gateway off the lease's network is taken to be on link, with a notice.
void address_add_route(struct netlink *n, const struct netlink_link *link, const struct lease *lease,
	const struct ipaddr *destination, unsigned prefix, const struct ipaddr *gateway);
// Takes the lease's address (and with it its routes) away from the interface.
void address_clear(struct netlink *n, const struct netlink_link *link, const struct lease *lease);
