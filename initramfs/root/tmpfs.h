// SPDX-License-Identifier: BSD-2-Clause
// Directories of the root that get a tmpfs of their own (lanyard.tmpfs=), so that a shared or
// read-only root has places to write.
#pragma once

#define TMPFS_DEFAULT "/tmp,/var/tmp,/var/run,/var/lock,/media"

// Mounts a tmpfs on each directory of the list (tmpfs_list.h; paths of the root: the caller has it as
// its root directory). A link is left alone, it leads where it should; what is missing is made
// where the root can be written, else it is a notice, not a failure.
void tmpfs_mount(const char *list);
