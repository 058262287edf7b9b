// SPDX-License-Identifier: BSD-2-Clause
// A child process of the supervisor that is started again when it ends, after a pause that grows
// while it keeps ending.
#pragma once

#include "server-stub/events.h"

#include <sys/types.h>

struct child {
	// Set by the owner.
	const char *part; // "nfs", as in the log
	const char *what; // "the NFS service"
	struct events *events;
	void (*prepare)(void *owner); // before each start, NULL: nothing to do
	void (*run)(void *owner);     // in the new process; does not return
	void *owner;
	// child.c's.
	pid_t pid; // 0: does not run
	bool wanted;
	uint64_t started;
	unsigned pause; // milliseconds before the next start
	struct event_timer timer;
};

void child_start(struct child *c);
// Ends it, by force if it takes long; child_ended says when it has.
void child_stop(struct child *c);
// Ends it and starts it anew, as something that it was made with has changed.
void child_restart(struct child *c);
// A process has ended with this status of wait(2). False if it was not this one.
bool child_ended(struct child *c, pid_t pid, int status);
