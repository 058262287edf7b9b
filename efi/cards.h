// SPDX-License-Identifier: BSD-2-Clause
// The machine's network cards: one for each Ethernet card that the firmware has a driver for.
#pragma once

#include "netstack/netdev.h"

#include <efi.h>

// Finds them. `boot`: the device path that this program came by (NULL: not from a network); its card
// becomes the first, and sends and hears in this VLAN (0: none).
void cards_find(const EFI_DEVICE_PATH *boot, uint16_t vlan);
// The card that this program came through, NULL if not known; and where it is.
struct netdev *cards_boot(void);
const char *cards_place(void);
// Frames sent and received since the last call.
uint32_t cards_traffic(void);
// Closes all that are open; cards_reopen opens the same again.
void cards_close(void);
void cards_reopen(void);
// Lets the firmware's own drivers have the cards again, after cards_close.
void cards_return(void);
