// SPDX-License-Identifier: BSD-2-Clause
// Files of /etc that have to be this machine's own on a root that many share: hostname, hosts,
// machine-id, the time zone; fstab and crypttab of a tree that was installed on a disk; scripts that
// make no sense here. Runs inside the root.
//
// In a root that can be written, what programs put new files in the place of (rename) must be no mount
// point. systemd can be told of other files: of fstab and crypttab by its environment, as Debian's
// initscripts can, of the host name by a unit. machine-id it knows as a mount point itself; other programs
// only read that. hosts gets a line more for each machine.
#pragma once

#include "initramfs/system/layer.h"
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
// Adds to the environment of the program to start what tells it of copies that are not laid over the
// files themselves. The root is "/" here.
void etcfiles_tell(bool systemd);
