// SPDX-License-Identifier: BSD-2-Clause
// DHCP's way to the wire before there is an address: a packet socket on one interface that hears
// nothing but DHCP answers (a BPF filter in the kernel sees to that) and sends broadcasts; and a UDP
// socket for unicast once the interface has its address, so that the kernel does the ARP.
#pragma once

#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_SIZE = 2048 };

struct packet {
	int raw;     // AF_PACKET, -1 while closed; poll it for reading
	int unicast; // UDP from the interface's address, -1 until packet_bind
	int index;   // the interface's
};

struct packet_payload {
	struct endpoint from;
	const uint8_t *bytes; // inside `frame`
	size_t length;
	uint8_t frame[PACKET_SIZE];
};

// The interface must be running: a packet socket bound before reports its first error too late.
// 0 or an errno.
int packet_open(struct packet *p, int index);
// From now on unicast datagrams leave from `address`, which the interface `name` already has.
int packet_bind(struct packet *p, const char *name, const struct ipaddr *address);
void packet_close(struct packet *p);
// Takes the next DHCP answer; false if there is none. Does not block.
bool packet_receive(struct packet *p, struct packet_payload *d);
// Sends from port 68: a broadcast from `source` (unset: 0.0.0.0), or a unicast. 0 or an errno.
int packet_send(struct packet *p, const struct ipaddr *source, const struct endpoint *to,
	const void *payload, size_t length);
