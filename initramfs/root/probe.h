// SPDX-License-Identifier: BSD-2-Clause
// Questions to a server that refused a mount: whether its ports can be reached, what its port mapper
// knows, and what it exports to whom. They block for some seconds: for child processes only.
#pragma once

#include "initramfs/root/exports.h"

enum { PROBE_NFS_PORT = 2049, PROBE_PORTMAP_PORT = 111, PROBE_ADDRESS = 64 };

// 0 if something listens there, else the errno of trying to connect. `address` is numeric.
int probe_port(const char *address, uint16_t port);
// Asks for the list of exports. `mount_port`: 0 to ask the port mapper for it.
void probe_exports(const char *address, uint16_t mount_port, const char *path, struct exports *e);
