// SPDX-License-Identifier: BSD-2-Clause
// initramfs.conf(5) of initramfs-tools. Does no I/O.
#pragma once

#include "netstack/base/text.h"

// Copies `conf` with MODULES=most in the place of MODULES=dep, which goes by the root's disk and fails
// where there is none. Gives how often that was.
unsigned initrdconf_for_any_disk(const char *conf, struct text *to);
