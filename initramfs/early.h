// SPDX-License-Identifier: BSD-2-Clause
// The first thing: file systems that everything else needs, and the console.
#pragma once

#include "netstack/base/fault.h"

// Mounts /proc, /sys, /dev and /run and opens /dev/console as standard input, output and error.
// False with *fault if one of them cannot be had; the rest is there all the same.
bool early_mounts(struct fault *fault);
