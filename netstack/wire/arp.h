// SPDX-License-Identifier: BSD-2-Clause
// Address Resolution Protocol for IPv4 over Ethernet (RFC 826).
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
	uint16_t operation;
	uint8_t sender_hwaddr[6], target_hwaddr[6];
	struct ipaddr sender, target;
};

// False for anything but Ethernet and IPv4.
bool arp_read(struct reader *r, struct arp *a);
void arp_write(struct writer *w, const struct arp *a);
