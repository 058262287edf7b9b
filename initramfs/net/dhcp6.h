// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv6 client machine on one interface: a UDP socket on the interface's link-local address.
#pragma once

#include "initramfs/net/netlink.h"
#include "netstack/dhcp6_client.h"

struct dhcp6 {
	bool running;
	int socket;           // poll it for reading
	struct dhcp6_client client;
	struct ipaddr local;  // the interface's link-local address
	int error;            // errno of the last attempt to send, 0
	uint64_t started;
};

// The interface has the address `local` on its link. 0 or an errno.
int dhcp6_begin(struct dhcp6 *d, const struct netlink_link *link, const struct ipaddr *local,
	const struct dhcp6_client_config *cfg, uint64_t now);
// Opens the socket again after dhcp6_end, where the machine stands. 0 or an errno.
int dhcp6_resume(struct dhcp6 *d, const struct netlink_link *link);
// Takes in what arrived and sends what is due.
void dhcp6_step(struct dhcp6 *d, const struct netlink_link *link, uint64_t now);
void dhcp6_end(struct dhcp6 *d);
