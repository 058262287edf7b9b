// SPDX-License-Identifier: BSD-2-Clause
// Files of /etc that have to be this machine's own on a root that many share: hostname, hosts,
// machine-id, the time zone; fstab and crypttab of a tree that was installed on a disk; scripts that
// would fail without one, or that make no sense here. Runs inside the root.
#pragma once

#include "initramfs/layer.h"
#include "netstack/lease.h"

struct etcfiles {
	const struct lease *lease;
	const char *device, *below; // the root's interface; the card that it is a VLAN of, NULL
	enum layer layer;
	bool systemd;
	const char *hostname;   // this machine's
	bool given;             // the network said so; else it was made up
	const char *machine_id; // without its newline
	bool keep_hostname, keep_machine_id, keep_fstab, keep_jobs, keep_network;
};

void etcfiles_lay(const struct etcfiles *e);
