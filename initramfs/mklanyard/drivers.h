// SPDX-License-Identifier: BSD-2-Clause
// Whole sets of drivers, for machines that nobody has named: what a kernel has for wired network
// cards, found by the folders that its modules lie in.
#pragma once

#include "initramfs/mklanyard/modules.h"

enum driver_set {
	DRIVERS_NAMED,   // none but those that are named
	DRIVERS_NETBOOT, // wired cards, and the PHYs that they talk to
	DRIVERS_ALL,     // those and cards on USB
};

// Adds the set. A driver that cannot be read, or lacks what it needs, is left out with a note: one
// card's trouble must not keep the other machines from booting. Also adds what drivers in the list
// cause the kernel to ask for once they are loaded: all PHY drivers where one uses the PHY library,
// since which PHY a card has only the card can tell; and a driver's other part.
void drivers_add(struct modules *m, enum driver_set set);
// Whether the module drives network cards, by its folder or by the functions that it calls.
bool drivers_is_card(const struct module *m);
