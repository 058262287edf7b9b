// SPDX-License-Identifier: BSD-2-Clause
// lanyard.tmpfs=, a list of directories with what each is to be mounted with:
//   PATH[:size=SIZE][:mode=MODE][:nr_inodes=N],...
// and lanyard.swap=zram[:SIZE]. A size is what tmpfs takes: bytes, with k, m or g, or a percentage of
// the memory. Does no I/O.
#pragma once

#include "netstack/base/text.h"

enum { TMPFS_PATH = 256, TMPFS_OPTIONS = 64 };

struct tmpfs_entry {
	char path[TMPFS_PATH];       // absolute
	char options[TMPFS_OPTIONS]; // for mount(2); always with a mode
};

// Takes the next entry off *list; false at the end. A malformed entry has an empty path, and `options`
// shows what is wrong with it.
bool tmpfs_next(const char **list, struct tmpfs_entry *entry);
// The size in bytes of a machine with `memory` bytes; false if it is none.
bool tmpfs_size(const char *text, size_t length, uint64_t memory, uint64_t *bytes);
