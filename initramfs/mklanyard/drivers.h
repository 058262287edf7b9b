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
// card's trouble must not keep the other machines from booting.
void drivers_add(struct modules *m, enum driver_set set);
// Adds all PHY drivers if a module in the list uses the PHY library: which PHY a card has only the
// card can tell, and the kernel then asks for its driver.
void drivers_add_phys(struct modules *m);
