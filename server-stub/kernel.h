// SPDX-License-Identifier: BSD-2-Clause
// The kernel of a root tree that its clients boot: the newest whose modules are in lib/modules or
// usr/lib/modules, as boot/vmlinuz-VERSION or beside the modules.
#pragma once

#include "netstack/base/fault.h"
#include "server-stub/rooted.h"

#include <stdint.h>

enum { KERNEL_VERSION = 128, KERNEL_PRINT = 17 };

struct kernel {
	char version[KERNEL_VERSION];
	char modules[ROOTED_PATH]; // their directory, in the tree
	char path[ROOTED_PATH];    // the kernel, in the tree
	int fd;                    // it, open for reading; the caller's
	uint64_t size;
	// Changes with the kernel, its modules and their index, as far as times, sizes and inodes
	// show; a word of hexadecimal digits.
	char print[KERNEL_PRINT];
};

// `root` is the tree's directory, `name` says which one in a fault (SERVER_KERNEL).
bool kernel_find(struct kernel *k, int root, const char *name, struct fault *f);
void kernel_close(struct kernel *k);
