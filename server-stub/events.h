// SPDX-License-Identifier: BSD-2-Clause
// The loop of a lanyardd process: file descriptors that become readable, and timers.
//
// One thread, nothing in it blocks. Times are milliseconds of the monotonic clock (events_now), the
// same `now` that the protocol machines get.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct events;

// Owned by its user, zero before first use. Armed while it is in the loop's heap.
struct event_timer {
	void (*expired)(void *owner, uint64_t now);
	void *owner;
	uint64_t due;
	size_t place; // in the heap, from 1; 0: not armed
};

// Owned by its user, who keeps it while the descriptor is watched.
struct event_source {
	int fd;
	void (*readable)(void *owner, int fd, uint64_t now); // also at its end or error: read says which
	void *owner;
};

// NULL and errno where the kernel refuses.
struct events *events_new(void);
void events_free(struct events *e);
uint64_t events_now(void);
// False and errno where the kernel refuses. A watched descriptor may be unwatched, and its source
// released, in any callback.
bool events_watch(struct events *e, struct event_source *source);
void events_unwatch(struct events *e, struct event_source *source);
// Sets or moves the timer; a `due` of UINT64_MAX (DEADLINE_NEVER) takes it out.
void events_timer(struct events *e, struct event_timer *timer, uint64_t due);
// Runs until events_stop.
void events_run(struct events *e);
void events_stop(struct events *e);
