// SPDX-License-Identifier: BSD-2-Clause
// The wired network cards of the machine that this program runs on, from its sysfs: those that have
// a driver (class/net) and those that wait for one (bus/pci). For each the modalias of the card, of
// what it hangs on (a USB or virtio controller has a driver too), and of its PHY.
#pragma once

#include "initramfs/mklanyard/modules.h"

// Adds the modules for them; `sys` is where sysfs is, usually "/sys". A card for which the kernel
// has no module is pointed out by a note; false if there is none at all that it has one for.
bool sysfs_add_cards(struct modules *m, const char *sys, struct fault *f);
