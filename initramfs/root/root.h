// SPDX-License-Identifier: BSD-2-Clause
// From a configured network to a mounted root: which server and path, with which NFS version; tries
// again, with growing pauses, until it works; starts over when the network is configured anew.
#pragma once

#include "initramfs/modules/loader.h"
#include "initramfs/net/network.h"
#include "initramfs/root/mount.h"

enum { ROOT_POLLS = 2 };

enum root_state {
	ROOT_WAITING,  // for the network or for modules
	ROOT_MOUNTING,
	ROOT_PAUSING,  // after a failure
	ROOT_MOUNTED,
};

struct root {
	const struct cmdline *cmdline;
	struct loader *loader;
	enum root_state state;
	struct nfsroot nfsroot;
	char server[NFSROOT_SERVER];
	struct mount_plan plan;
	struct mount_attempt attempt;
	struct mount_attempt look; // at the server's ports, beside an attempt that takes long
	struct mount_report seen;  // what that found
	bool looked;
	size_t version;        // index into the versions tried one after the other
	int first_error;       // errno of the first of them, 0 while it is the one
	unsigned generation;   // of the network's configuration that this rests on
	unsigned tries;
	uint64_t began, next;  // ms: the running attempt's begin, the next one's
	uint32_t pause;        // ms
	struct fault fault;    // why the last attempt failed
	bool fault_new;        // not shown yet
};

// Checks root= and asks for the modules. False with *fault if root= names no NFS root.
bool root_start(struct root *r, const struct cmdline *cmdline, struct loader *loader,
	struct fault *fault);
// Moves on what can move.
void root_step(struct root *r, const struct network *n, uint64_t now);
uint64_t root_deadline(const struct root *r);
// What to poll for reading; gives the number.
size_t root_polls(const struct root *r, struct pollfd polls[ROOT_POLLS]);
// Whether it waits for itself (not for the network), and for what.
bool root_awaits(const struct root *r, const struct network *n, struct text *to, uint64_t now);
// Undoes the mount, for a new beginning.
void root_drop(struct root *r);
