// SPDX-License-Identifier: BSD-2-Clause
// A VLAN on a network card as a netdev of its own (IEEE 802.1Q): frames get its tag on their way out,
// and only frames with its tag come in, without it. Untagged frames are another network's.
#pragma once

#include "netstack/netdev.h"

enum {
	VLAN_ID_MAX = 4094,
	VLAN_BURST = 16,   // frames that one receive call gives at most
	VLAN_TAG = 4,      // bytes
};

struct vlan {
	struct netdev dev;
	struct netdev *below;
	uint16_t id;
	uint8_t rx[VLAN_BURST][NETDEV_FRAME];
	uint8_t tx[NETDEV_FRAME];
};

// `below` stays the caller's; opening and closing the VLAN opens and closes it. Its MTU becomes smaller
// by the tag: many drivers have buffers for 1514 bytes and no more. id: 1..VLAN_ID_MAX.
void vlan_init(struct vlan *v, struct netdev *below, uint16_t id);
