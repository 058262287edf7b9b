// SPDX-License-Identifier: BSD-2-Clause
// The network card behind the PXE ROM's UNDI driver, as a netdev.
#pragma once

#include "netstack/netdev.h"

#include <stdbool.h>

// Asks the ROM about its card. False with *fault set if it cannot be used. After pxe_find.
bool undi_find(struct fault *fault);
struct netdev *undi_netdev(void);
// "pci 00:03.0 8086:100e irq 11"
const char *undi_place(void);
// Rests until something interrupts, a timer tick (55 ms) at the latest; comes back at once in the
// middle of a transfer, unless the card's interrupts have proved to end a rest.
void undi_rest(void);
