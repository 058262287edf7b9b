// SPDX-License-Identifier: BSD-2-Clause
// The last steps: what the running system finds laid over its root, and the switch to it.
#pragma once

#include "initramfs/cmdline.h"
#include "initramfs/netconf.h"

struct handover {
	const char *root;             // where the root is mounted
	const struct cmdline *cmdline;
	const struct netconf *network;
	const uint8_t *hwaddr;        // 6 bytes, of the root's network card
};

// Finds the program to start: init=, else /sbin/init, /etc/init, /bin/init, /bin/sh. Its path inside
// the root, NULL with *fault (FAULT_NO_INIT).
const char *handover_find_init(const struct handover *h, struct fault *fault);
// Writes /run/net-DEVICE.conf, sets the host name, moves /dev, /proc, /sys and /run into the root,
// and lays tmpfs and resolv.conf over it.
void handover_prepare(const struct handover *h);
// Frees the initramfs, makes the root the root directory and becomes `init`; argv[0] is replaced.
// Comes back only if that fails: false with *fault; the initramfs is gone then.
bool handover_switch(const struct handover *h, const char *init, char **argv,
	struct fault *fault);
