// SPDX-License-Identifier: BSD-2-Clause
// VLANs (vlan=, or what the record says of the card that booted): each becomes an interface on top of
// its card, and then a card like any other; the one below only carries it.
#pragma once

#include "initramfs/net/network.h"

// Makes those whose card is there. What fails is said once.
void vlans_step(struct network *n);
// Whether the interface is one of them.
bool vlans_is_one(const struct network *n, const char *name);
// The card below a VLAN's interface; NULL for others.
const struct nic *vlans_below(const struct network *n, const struct nic *nic);
// Whether a VLAN sits, or will sit, on the card. One that could not be made leaves it free.
bool vlans_carries(const struct network *n, const struct nic *nic);
