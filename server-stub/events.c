// SPDX-License-Identifier: BSD-2-Clause
// epoll, and a binary heap of timers with the next one at place 1.
#define _GNU_SOURCE
#include "server-stub/events.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };

#define READY SIZE_MAX // the place of a timer that is out of the heap and has its turn in this round

struct events {
	int epoll;
	bool stopped;
	struct event_timer **heap; // [1..count]
	size_t count, room;
	struct event_timer **ready; // [0..ready_count), NULL: it has changed its mind
	size_t ready_count;
	struct epoll_event batch[BATCH];
	int batch_count;
};

struct events *events_new(void)
{
	struct events *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (e->epoll < 0) {
		free(e);
		return NULL;
	}
	return e;
}

void events_free(struct events *e)
{
	for (size_t i = 1; i <= e->count; i++)
		e->heap[i]->place = 0;
	close(e->epoll);
	free(e->heap);
	free(e->ready);
	free(e);
}

uint64_t events_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

// ---- descriptors -----------------------------------------------------------------------------

bool events_watch(struct events *e, struct event_source *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, source->fd, &event) == 0;
}

// What epoll has already reported of it is struck out, too.
void events_unwatch(struct events *e, struct event_source *source)
{
	epoll_ctl(e->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	for (int i = 0; i < e->batch_count; i++)
		if (e->batch[i].data.ptr == source)
			e->batch[i].data.ptr = NULL;
}

// ---- timers ----------------------------------------------------------------------------------

static void put(struct events *e, size_t place, struct event_timer *timer)
{
	e->heap[place] = timer;
	timer->place = place;
}

static void rise(struct events *e, struct event_timer *timer)
{
	size_t place = timer->place;

	for (; place > 1 && e->heap[place / 2]->due > timer->due; place /= 2)
		put(e, place, e->heap[place / 2]);
	put(e, place, timer);
}

static void sink(struct events *e, struct event_timer *timer)
{
	size_t place = timer->place, child;

	for (; (child = place * 2) <= e->count; place = child) {
		if (child < e->count && e->heap[child + 1]->due < e->heap[child]->due)
			child++;
		if (timer->due <= e->heap[child]->due)
			break;
		put(e, place, e->heap[child]);
	}
	put(e, place, timer);
}

static void take_out(struct events *e, struct event_timer *timer)
{
	struct event_timer *last = e->heap[e->count--];
	size_t place = timer->place;

	timer->place = 0;
	if (last == timer)
		return;
	put(e, place, last);
	rise(e, last);
	sink(e, last);
}

// A server that cannot keep a timer cannot keep its promises: it ends, and is started again.
static void append(struct events *e, struct event_timer *timer)
{
	if (e->count + 1 >= e->room) {
		e->room = e->room ? e->room * 2 : 64;
		e->heap = realloc(e->heap, e->room * sizeof *e->heap);
		e->ready = realloc(e->ready, e->room * sizeof *e->ready);
		if (!e->heap || !e->ready)
			abort();
	}
	put(e, ++e->count, timer);
}

static void strike_out(struct events *e, struct event_timer *timer)
{
	for (size_t i = 0; i < e->ready_count; i++)
		if (e->ready[i] == timer)
			e->ready[i] = NULL;
	timer->place = 0;
}

void events_timer(struct events *e, struct event_timer *timer, uint64_t due)
{
	if (timer->place == READY)
		strike_out(e, timer);
	if (due == UINT64_MAX) {
		if (timer->place)
			take_out(e, timer);
		return;
	}
	timer->due = due;
	if (!timer->place)
		append(e, timer);
	rise(e, timer);
	sink(e, timer);
}

static int patience(const struct events *e, uint64_t now)
{
	uint64_t due = e->count ? e->heap[1]->due : UINT64_MAX;

	if (due == UINT64_MAX)
		return -1;
	if (due <= now)
		return 0;
	return due - now < INT_MAX ? (int)(due - now) : INT_MAX;
}

// Those that are due now, each once: a timer that is set again for this moment has its turn in the
// next round, after the descriptors.
static void expire(struct events *e, uint64_t now)
{
	e->ready_count = 0;
	while (e->count && e->heap[1]->due <= now) {
		struct event_timer *timer = e->heap[1];

		take_out(e, timer);
		timer->place = READY;
		e->ready[e->ready_count++] = timer;
	}
	for (size_t i = 0; i < e->ready_count; i++) {
		struct event_timer *timer = e->ready[i];

		if (!timer)
			continue;
		e->ready[i] = NULL;
		timer->place = 0;
		timer->expired(timer->owner, now);
	}
	e->ready_count = 0;
}

// ---- the loop --------------------------------------------------------------------------------

void events_run(struct events *e)
{
	e->stopped = false;
	while (!e->stopped) {
		int got = epoll_wait(e->epoll, e->batch, BATCH, patience(e, events_now()));

		if (got < 0 && errno != EINTR)
			abort();
		e->batch_count = got > 0 ? got : 0;
		for (int i = 0; i < e->batch_count && !e->stopped; i++) {
			struct event_source *source = e->batch[i].data.ptr;

			if (source)
				source->readable(source->owner, source->fd, events_now());
		}
		e->batch_count = 0;
		if (!e->stopped)
			expire(e, events_now());
	}
}

void events_stop(struct events *e)
{
	e->stopped = true;
}
