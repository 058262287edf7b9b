// SPDX-License-Identifier: BSD-2-Clause
// Ethernet II frames (RFC 894), with at most one IEEE 802.1Q tag.
#pragma once

#include "netstack/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { ETHER_IP = 0x0800, ETHER_ARP = 0x0806, ETHER_VLAN = 0x8100, ETHER_HEADER = 14 };

struct ether {
	uint8_t destination[6], source[6];
	uint16_t type;
};

extern const uint8_t ether_broadcast[6];

// Reads the header and skips a priority tag (VLAN 0); the reader then stands at the payload (with
// its padding). False for a short frame, a frame of a VLAN, or a second tag.
bool ether_read(struct reader *r, struct ether *e);
void ether_write(struct writer *w, const struct ether *e);
