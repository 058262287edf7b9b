// SPDX-License-Identifier: BSD-2-Clause
// An Ethernet hub in memory: what one port transmits, every other port receives at once, in order.
// Two ports make a loopback pair.
#pragma once

#include "netstack/netdev.h"

enum { HUB_PORTS = 6, HUB_QUEUE = 512 };

struct hub;

struct hub_frame {
	size_t length;
	uint8_t bytes[NETDEV_FRAME];
};

struct hub_port {
	struct netdev dev; // first: the port is a netdev
	struct hub *hub;
	bool busy;         // transmit accepts nothing
	size_t head, count;
	struct hub_frame queue[HUB_QUEUE];   // received, not yet taken
	struct hub_frame taken[NETDEV_BURST]; // the latest burst
};

struct hub {
	size_t port_count;
	struct hub_port ports[HUB_PORTS];
	uint64_t frames;
};

void hub_init(struct hub *h);
// A new port with hardware address 02:00:00:00:00:NN.
struct netdev *hub_port(struct hub *h);
// Puts a raw frame on the wire as if `port` had sent it (NULL: nobody's); any length.
void hub_inject(struct hub *h, const struct netdev *port, const void *bytes, size_t length);
