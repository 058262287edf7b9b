// SPDX-License-Identifier: BSD-2-Clause
// What the running system finds in /run: that the card which carries the root is not to be touched, by
// systemd-networkd, NetworkManager, ifupdown and udev (netplan and cloud-init work through these); the
// lease's name and time servers; and jobs that make no sense on a root that many share. Runs inside the
// root.
#pragma once

#include "initramfs/system/identity.h"
#include "initramfs/system/layer.h"
#include "netstack/lease.h"

struct runfiles {
	const struct lease *lease;
	const char *device;     // the interface with the address
	const char *below;      // the card that it is a VLAN of, NULL
	const uint8_t *hwaddr;  // 6 bytes
	enum layer layer;
	bool systemd;           // the root's init is systemd
	bool keep_network, keep_jobs;
};

void runfiles_write(const struct runfiles *r);
// What remounts the root at boot is to go by this copy of fstab too: systemd-remount-fs(8), or Debian's
// initscripts, which would check the disk that fstab names for the root.
void runfiles_fstab(const char *copy, bool systemd);
// Adds to the environment of the program to start what tells Debian's initscripts that no other program
// is going to mount fstab's network file systems. The root is "/" here.
void runfiles_tell(void);
// systemd sets the host name that /etc/hostname has: a unit that sets this machine's again, and a word to
// NetworkManager, which would do the same.
void runfiles_hostname(const char *name);
// systemd starts cloud-init, if the root has it: what it is to leave alone.
void runfiles_cloud_init(bool leave_network, bool leave_hostname);
// systemd starts dhcpcd(8), which is to read this copy of its file.
void runfiles_dhcpcd(const char *copy);
