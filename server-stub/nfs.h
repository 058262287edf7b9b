// SPDX-License-Identifier: BSD-2-Clause
// The NFS child: the NFS server (nfs/server.h) with the root tree as its export, as user 0 with the
// capabilities that it needs.
#pragma once

#include "server-stub/options.h"

#include <sys/types.h>

enum { NFS_LISTENERS = 4 };

struct nfs_child_config {
	const struct options *options;
	int listeners[NFS_LISTENERS];
	size_t listener_count;
	int portmap_udp; // -1: none
	pid_t parent;
};

_Noreturn void nfs_run(const struct nfs_child_config *config);
