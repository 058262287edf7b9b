// SPDX-License-Identifier: BSD-2-Clause
// Packages of kernels and boot loaders are installed and upgraded on this machine as on a PC. What their
// scripts do for the PC's disk would fail here for want of it, and the upgrade with them: that is taken
// out of their sight. Runs inside the root.
#pragma once

#include "initramfs/system/layer.h"

void upgrade_ease(enum layer layer);
