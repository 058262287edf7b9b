// SPDX-License-Identifier: BSD-2-Clause
// One attempt to mount the NFS root, in a child process, so that the lease, the module loader and
// the console go on meanwhile, and so that an attempt that hangs can be killed.
#pragma once

#include "initramfs/root/exports.h"
#include "initramfs/root/nfsroot.h"
#include "initramfs/root/probe.h"
#include "netstack/base/fault.h"
#include "netstack/lease.h"

#include <sys/types.h>

enum { MOUNT_PATIENCE = 45000 }; // ms until an attempt is killed

struct mount_plan {
	const char *server, *path; // server: an address, or a name to look up
	const char *target;        // an existing directory
	const struct nfsroot *options;
	const struct lease *lease; // for looking up the name
	const char *version;       // "3", "4.2", ...
	bool read_only;
	bool only_look;            // do not mount: look up the name and try the ports
};

// What the child found, sent through a pipe.
struct mount_report {
	int error;          // errno of mount(2), 0: mounted
	bool unknown_name;  // the server's name could not be resolved: nothing was tried
	struct fault why;   // then
	char address[PROBE_ADDRESS]; // the server's
	// After a failure only:
	int nfs_port, portmap_port; // errno of connecting to the two
	struct exports exports;     // what the server says about the path
};

struct mount_attempt {
	pid_t pid; // 0: none is running
	int pipe;  // readable when it has ended
};

// 0 or an errno.
int mount_begin(struct mount_attempt *a, const struct mount_plan *plan);
// Whether the attempt has ended; then *report is filled in. Does not block.
bool mount_ended(struct mount_attempt *a, struct mount_report *report);
// Kills the attempt, if one is running, and waits for its end.
void mount_kill(struct mount_attempt *a);
// The failure in words.
void mount_explain(const struct mount_plan *plan, const struct mount_report *report,
	struct fault *fault);
