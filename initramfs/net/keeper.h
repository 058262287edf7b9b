// SPDX-License-Identifier: BSD-2-Clause
// The lease keeper: a child of process 1 that survives the switch to the root, so that the root never
// loses its address. It renews and rebinds the lease (RFC 2131 section 4.4.5; of DHCPv6, RFC 8415 section
// 18.2, and has it confirmed when the link comes back), follows what changes in its options, and says in
// the kernel's log if the lease is lost; then it keeps the address all the same, for without it the root is
// gone, and goes on asking.
//
// Its name begins with '@', which tells systemd not to kill it. Everything it needs is opened before the
// switch; its root directory stays the initramfs, so that it keeps no mount busy. Of root's capabilities
// it keeps only those that the card and DHCP need.
#pragma once

#include "initramfs/net/network.h"

// Starts it for the root's card, whose sockets network_end has closed. Nothing to do for a static
// address or a lease without end. `name` is argv[0] of this program, whose copy in the child changes.
// False with errno.
bool keeper_start(struct network *n, char *name);
