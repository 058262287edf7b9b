// SPDX-License-Identifier: BSD-2-Clause
// Which modules every image has beside those that the user names, and the table /lanyard/modules
// that tells init of them all (format: lanyard-modules(5)).
#pragma once

#include "initramfs/mklanyard/modules.h"

// Adds the modules named (drivers of network cards first of all, in alphabetical order, so that the
// order on the command line does not matter), then what a root over NFS needs.
bool table_select(struct modules *m, char *const *names, size_t count, struct fault *f);
// The table's text.
void table_write(const struct modules *m, struct buffer *to);
