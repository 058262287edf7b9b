// SPDX-License-Identifier: BSD-2-Clause
// fstab(5) and crypttab(5) of a system that was installed on a disk, made fit for a machine without that
// disk. Does no I/O.
#pragma once

#include "netstack/base/text.h"

// Copies `fstab`, with what names a local disk made a comment: the root itself, swap, and everything on
// UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a device of /dev. Gives how many lines that were.
unsigned fstab_without_disks(const char *fstab, struct text *to);
// The same for crypttab: every entry.
unsigned fstab_without_crypt(const char *crypttab, struct text *to);
