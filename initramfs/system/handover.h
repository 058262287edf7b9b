// SPDX-License-Identifier: BSD-2-Clause
// The last steps: what the running system finds laid over its root, and the switch to it.
#pragma once

#include "initramfs/cmdline.h"
#include "initramfs/system/layer.h"
#include "initramfs/system/netconf.h"

struct handover {
	const char *root;             // where the root is mounted
	const struct cmdline *cmdline;
	const struct netconf *network;
	const char *found_name;       // by reverse DNS, "" none
	const uint8_t *hwaddr;        // 6 bytes, of the root's network card
	const char *below;            // the card, where the interface is a VLAN on it; else NULL
	const uint8_t *uuid;          // the machine's, 16 bytes; NULL unknown
	enum layer layer;
};

// Finds the program to start: init=, else /sbin/init, /etc/init, /bin/init, /bin/sh. Its path inside
// the root, NULL with *fault (FAULT_NO_INIT).
const char *handover_find_init(const struct handover *h, struct fault *fault);
// Writes /run/net-DEVICE.conf, sets the host name, moves /dev, /proc, /sys and /run into the root,
// and lays over it what is this machine's own. `init`: the program to start.
void handover_prepare(const struct handover *h, const char *init);
// Frees the initramfs, makes the root the root directory and becomes `init`; argv[0] is replaced.
// Comes back only if that fails: false with *fault; the initramfs is gone then.
bool handover_switch(const struct handover *h, const char *init, char **argv,
	struct fault *fault);
