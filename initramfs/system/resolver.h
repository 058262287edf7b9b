// SPDX-License-Identifier: BSD-2-Clause
// The lease's name servers for the root's programs: in /etc/resolv.conf itself, in a link to a file of
// /run, or in one bound over it.
#pragma once

#include "initramfs/system/layer.h"
#include "netstack/lease.h"

// Lays the lease's resolv.conf over /etc/resolv.conf of the root, which is the caller's root
// directory with /run mounted. Does nothing where the lease names no server. What cannot be done is a
// notice.
// `id`: this machine's machine-id.
void resolver_lay(const struct lease *lease, enum layer layer, const char *id);
// In the running system: brings the lease's name servers into the file that resolver_lay has written in
// the tree, if it still is that file. `run`: the directory /run; the process has another root. It waits
// for a silent NFS server.
void resolver_follow(const struct lease *lease, int run);
