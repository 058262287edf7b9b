// SPDX-License-Identifier: BSD-2-Clause
// The pxelinux.cfg/default that clients get: the tree's kernel and its initramfs, with a root on
// this server, at the address by which the client reached it.
#pragma once

#include "server-stub/options.h"
#include "server-stub/sources.h"

struct boot_config {
	const struct options *options;
	char kernel[SOURCE_NAME], initrd[SOURCE_NAME]; // "" while there is none
};

// A source_writer; `owner` is the struct boot_config.
bool boot_config_write(void *owner, const struct ipaddr *local, struct text *to);
