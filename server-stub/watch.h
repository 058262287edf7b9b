// SPDX-License-Identifier: BSD-2-Clause
// Notices that a tree's kernel or modules, or this machine's addresses, have changed. Both come in
// bursts (a package being installed, an interface coming up), so it is told when they have ended.
#pragma once

#include "server-stub/events.h"

struct watch {
	struct events *events;
	struct event_source source;
	struct event_timer quiet;
	uint64_t patience; // milliseconds without a further change
	void (*changed)(void *owner);
	void *owner;
};

// Kernels and modules of a tree, once watch_tree_again has named it. False and errno.
bool watch_tree(struct watch *w);
// Watches the directories that matter in the tree `root`; those that are watched already are no
// harm.
void watch_tree_again(struct watch *w, int root);
// The addresses of this machine. False and errno.
bool watch_addresses(struct watch *w);
void watch_end(struct watch *w);
