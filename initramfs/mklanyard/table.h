// SPDX-License-Identifier: BSD-2-Clause
// Which modules every image has beside those that the user names, and the table /lanyard/modules
// that tells init of them all (format: lanyard-modules(5)).
#pragma once

#include "initramfs/mklanyard/modules.h"

// Adds the modules named (drivers of network cards first of all, in alphabetical order, so that the
// order on the command line does not matter), then what a root over NFS needs.
bool table_select(struct modules *m, char *const *names, size_t count, struct fault *f);
// Whether every image has the module, as far as the kernel does.
bool table_has(const char *name);
// Whether it is large, and whoever serves the image may know that a machine does not need it.
bool table_is_extra(const char *name);
// Appends one module's line.
void table_write_line(const struct modules *m, size_t place, struct buffer *to);
// The table's text.
void table_write(const struct modules *m, struct buffer *to);
