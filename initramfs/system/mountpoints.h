// SPDX-License-Identifier: BSD-2-Clause
// Mount points as /proc/self/mounts has them, and as systemd calls them. Pure.
#pragma once

#include "netstack/base/text.h"

// The kernel writes blanks and the like in a path as \ooo: undoes that, in place.
void mountpoints_decode(char *path);
// Takes the next line off *rest and gives its mount point, decoded; false at the end. A path that does not
// fit is "".
bool mountpoints_next(struct text_view *rest, char *path, size_t size);
// The name of the unit of an absolute path other than "/" (systemd.unit(5), "string escaping").
void mountpoints_unit(const char *path, struct text *to);
