// SPDX-License-Identifier: BSD-2-Clause
// The DHCP client machine on one interface: its messages go through a packet socket, and through a
// UDP socket once the interface has the address.
#pragma once

#include "initramfs/net/netlink.h"
#include "initramfs/net/packet.h"
#include "netstack/dhcp_client.h"

struct dhcp {
	bool running;
	struct packet packet;
	struct dhcp_client client;
	struct ipaddr source; // the interface's address, unset while it has none
	int error;            // errno of the last attempt to send, 0
	uint64_t started;
};

// The interface `index` must be running. 0 or an errno.
int dhcp_begin(struct dhcp *d, int index, const struct dhcp_client_config *cfg, uint64_t now);
// The interface now has `address`: unicast becomes possible. 0 or an errno.
int dhcp_use_address(struct dhcp *d, const char *name, const struct ipaddr *address);
// Opens the sockets again after dhcp_end, where the machine stands. 0 or an errno.
int dhcp_resume(struct dhcp *d, const struct netlink_link *link, const struct ipaddr *address);
// Takes in what arrived and sends what is due.
void dhcp_step(struct dhcp *d, uint64_t now);
void dhcp_end(struct dhcp *d);
