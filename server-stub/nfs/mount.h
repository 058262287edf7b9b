// SPDX-License-Identifier: BSD-2-Clause
// The MOUNT and port mapper programs.
#pragma once

#include "server-stub/nfs/call.h"

enum { MOUNT_PROCEDURES = 6, PORTMAP_PROCEDURES = 5 };

extern const struct nfs_procedure mount_procedures[MOUNT_PROCEDURES];
extern const struct nfs_procedure portmap_procedures[PORTMAP_PROCEDURES];
