// SPDX-License-Identifier: BSD-2-Clause
// The lease's name servers for a root that must not be written to: a file in /run, bound over what
// /etc/resolv.conf is there.
#pragma once

#include "initramfs/layer.h"
#include "netstack/lease.h"

// Lays the lease's resolv.conf over /etc/resolv.conf of the root, which is the caller's root
// directory with /run mounted. Does nothing where the lease names no server. What cannot be done is a
// notice.
void resolver_lay(const struct lease *lease, enum layer layer);
