// SPDX-License-Identifier: BSD-2-Clause
// Memory grows with what has arrived, never with what a record's mark announces.
#define _GNU_SOURCE
#include "server-stub/nfs/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELD_MAX = 128 << 20, QUEUED_MAX = 256 << 20, SCRATCH = 65536, FIRST_SIZE = 512 };

struct connection_reply {
	struct connection_reply *next;
	uint8_t *bytes;
	size_t length, sent;
};

atomic_size_t connection_held, connection_queued;

struct connection *connection_new(int fd, int epoll, uint64_t now)
{
	struct connection *c = calloc(1, sizeof *c);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	if (!c)
		return NULL;
	c->fd = fd;
	c->epoll = epoll;
	c->active = now;
	c->last = &c->first;
	c->events = EPOLLIN;
	atomic_init(&c->users, 1);
	pthread_mutex_init(&c->lock, NULL);
	rpc_record_start(&c->record, CONNECTION_RECORD_MAX);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return c;
	free(c);
	return NULL;
}

static void drop_replies(struct connection *c)
{
	while (c->first) {
		struct connection_reply *r = c->first;

		c->first = r->next;
		free(r->bytes);
		free(r);
	}
	c->last = &c->first;
	atomic_fetch_sub(&connection_queued, c->queued);
	c->queued = 0;
}

// The loop's or a worker's use ends.
static void release(struct connection *c)
{
	if (atomic_fetch_sub(&c->users, 1) != 1)
		return;
	close(c->fd);
	drop_replies(c);
	atomic_fetch_sub(&connection_held, c->in_size);
	free(c->in);
	free(c->rest);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void connection_shut(struct connection *c)
{
	pthread_mutex_lock(&c->lock);
	c->broken = true;
	epoll_ctl(c->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	shutdown(c->fd, SHUT_RDWR);
	drop_replies(c);
	pthread_mutex_unlock(&c->lock);
	release(c);
}

// The lock is held.
static bool is_busy(const struct connection *c)
{
	return c->calls >= CONNECTION_CALLS_MAX || c->queued >= CONNECTION_QUEUE_MAX;
}

// What epoll should wait for now. A socket that can be written is how the loop hears that there is
// time for the rest. The lock is held.
static void choose_events(struct connection *c)
{
	bool busy = is_busy(c);
	uint32_t events = (busy || c->rest_length ? 0u : EPOLLIN) |
			  (c->first || (c->rest_length && !busy) ? EPOLLOUT : 0u);
	struct epoll_event event = {.events = events, .data.ptr = c};

	if (events == c->events || c->broken)
		return;
	c->events = events;
	epoll_ctl(c->epoll, EPOLL_CTL_MOD, c->fd, &event);
}

// ---- reading ---------------------------------------------------------------------------------

// Room for `more` bytes of the record.
static bool grow(struct connection *c, size_t more)
{
	size_t size = c->in_size ? c->in_size : FIRST_SIZE;
	uint8_t *bigger;

	if (c->in_length + more <= c->in_size)
		return true;
	while (size < c->in_length + more)
		size *= 2;
	if (size > CONNECTION_RECORD_MAX)
		size = CONNECTION_RECORD_MAX;
	if (atomic_fetch_add(&connection_held, size - c->in_size) > HELD_MAX) {
		atomic_fetch_sub(&connection_held, size - c->in_size);
		return false;
	}
	bigger = realloc(c->in, size);
	if (!bigger) {
		atomic_fetch_sub(&connection_held, size - c->in_size);
		return false;
	}
	c->in = bigger;
	c->in_size = size;
	return true;
}

static bool keep(struct connection *c, const uint8_t *data, size_t length)
{
	if (!grow(c, length))
		return false;
	memcpy(c->in + c->in_length, data, length);
	c->in_length += length;
	return true;
}

// The whole record changes hands, with what is held for it.
static void hand_over(struct connection *c,
	void (*take)(void *context, struct connection *c, uint8_t *record, size_t length),
	void *context)
{
	uint8_t *record = c->in;
	size_t length = c->in_length, spare = c->in_size - c->in_length;

	c->in = NULL;
	c->in_length = c->in_size = 0;
	c->spoke = true;
	atomic_fetch_sub(&connection_held, spare);
	atomic_fetch_add(&c->users, 1);
	pthread_mutex_lock(&c->lock);
	c->calls++;
	choose_events(c);
	pthread_mutex_unlock(&c->lock);
	take(context, c, record, length);
}

// Sets what is not yet looked at aside, until there is time for it.
static bool set_aside(struct connection *c, const uint8_t *bytes, size_t length)
{
	uint8_t *rest = malloc(length);

	if (!rest)
		return false;
	memcpy(rest, bytes, length);
	pthread_mutex_lock(&c->lock);
	c->rest = rest;
	c->rest_length = length;
	choose_events(c);
	pthread_mutex_unlock(&c->lock);
	return true;
}

static bool busy(struct connection *c)
{
	bool answer;

	pthread_mutex_lock(&c->lock);
	answer = is_busy(c);
	pthread_mutex_unlock(&c->lock);
	return answer;
}

static bool digest(struct connection *c, const uint8_t *bytes, size_t length,
	void (*take)(void *context, struct connection *c, uint8_t *record, size_t length),
	void *context)
{
	const uint8_t *data;
	size_t count;

	for (;;) {
		switch (rpc_record_input(&c->record, &bytes, &length, &data, &count)) {
		case RPC_RECORD_MORE:
			return true;
		case RPC_RECORD_BAD:
			return false;
		case RPC_RECORD_DATA:
			if (!keep(c, data, count))
				return false;
			break;
		case RPC_RECORD_COMPLETE:
			hand_over(c, take, context);
			if (length && busy(c))
				return set_aside(c, bytes, length);
			break;
		}
	}
}

static bool digest_rest(struct connection *c,
	void (*take)(void *context, struct connection *c, uint8_t *record, size_t length),
	void *context)
{
	uint8_t *rest = c->rest;
	size_t length;
	bool good;

	if (busy(c))
		return true;
	pthread_mutex_lock(&c->lock);
	length = c->rest_length;
	c->rest = NULL;
	c->rest_length = 0;
	choose_events(c);
	pthread_mutex_unlock(&c->lock);
	good = digest(c, rest, length, take, context);
	free(rest);
	return good;
}

bool connection_waits(struct connection *c)
{
	return c->rest != NULL; // only the loop's thread changes it
}

// Large records are read straight to their place.
static ssize_t receive(struct connection *c, uint8_t *scratch, bool straight)
{
	size_t wanted = rpc_record_wanted(&c->record), room = c->in_size - c->in_length;

	if (!straight)
		return recv(c->fd, scratch, SCRATCH, MSG_DONTWAIT);
	return recv(c->fd, c->in + c->in_length, wanted < room ? wanted : room, MSG_DONTWAIT);
}

bool connection_read(struct connection *c, uint64_t now,
	void (*take)(void *context, struct connection *c, uint8_t *record, size_t length),
	void *context)
{
	uint8_t scratch[SCRATCH];
	bool straight = rpc_record_wanted(&c->record) >= SCRATCH;
	ssize_t n;

	if (c->rest)
		return digest_rest(c, take, context);
	if (straight && !grow(c, SCRATCH))
		return false;
	n = receive(c, scratch, straight);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	c->active = now;
	if (!straight)
		return digest(c, scratch, (size_t)n, take, context);
	c->in_length += (size_t)n;
	rpc_record_took(&c->record, (uint32_t)n);
	return digest(c, scratch, 0, take, context);
}

// ---- writing ---------------------------------------------------------------------------------

// Sends what the socket takes. The lock is held. False: the connection is broken.
static bool send_queue(struct connection *c)
{
	while (c->first) {
		struct connection_reply *r = c->first;
		ssize_t n = send(c->fd, r->bytes + r->sent, r->length - r->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		r->sent += (size_t)n;
		c->queued -= (size_t)n;
		atomic_fetch_sub(&connection_queued, (size_t)n);
		if (r->sent < r->length)
			return true;
		c->first = r->next;
		if (!c->first)
			c->last = &c->first;
		free(r->bytes);
		free(r);
	}
	return true;
}

bool connection_write(struct connection *c)
{
	bool good;

	pthread_mutex_lock(&c->lock);
	good = send_queue(c);
	choose_events(c);
	pthread_mutex_unlock(&c->lock);
	return good;
}

static bool queue(struct connection *c, uint8_t *bytes, size_t length)
{
	struct connection_reply *r = c->broken ? NULL : malloc(sizeof *r);

	if (!r) {
		free(bytes);
		return false;
	}
	*r = (struct connection_reply){.bytes = bytes, .length = length};
	*c->last = r;
	c->last = &r->next;
	c->queued += length;
	atomic_fetch_add(&connection_queued, length);
	return send_queue(c) && (!c->queued || atomic_load(&connection_queued) <= QUEUED_MAX);
}

void connection_answer(
	struct connection *c, uint8_t *reply, size_t length, size_t held, bool broken)
{
	atomic_fetch_sub(&connection_held, held);
	pthread_mutex_lock(&c->lock);
	c->calls--;
	if (reply && !queue(c, reply, length))
		broken = true;
	if (broken && !c->broken)
		shutdown(c->fd, SHUT_RDWR); // the loop reads the end, and closes it
	choose_events(c);
	pthread_mutex_unlock(&c->lock);
	release(c);
}
