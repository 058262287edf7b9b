// SPDX-License-Identifier: BSD-2-Clause
// Randomness of the kernel's for the protocol machines.
#pragma once

#include "netstack/base/random.h"

// Early in a boot the kernel's generator may not be ready; its best effort is good enough here.
void entropy_seed(struct random *random);
