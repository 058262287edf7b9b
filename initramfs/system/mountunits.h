// SPDX-License-Identifier: BSD-2-Clause
// systemd is told of what is mounted over the root.
#pragma once

// When a machine goes off, systemd starts umount(8) for each mount, over the network from a root by NFS;
// what init has mounted needs none of that, for it is gone with the root, by plain system calls: it says so
// in /run for all that is mounted so far. Runs inside the root.
void mountunits_leave(void);
