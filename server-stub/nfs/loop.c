// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/loop.h"
#include "netstack/wire/portmap.h"
#include "netstack/wire/rpc.h"
#include "server-stub/nfs/dispatch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { SWEEP_MS = 5000, EVENTS = 64, UDP_MAX = 512 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool watch(struct loop *l, int fd, void *mark)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool loop_start(struct loop *l)
{
	bool good;

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	good = l->epoll >= 0 && l->wake >= 0 && watch(l, l->wake, &l->wake);
	for (size_t i = 0; i < l->listener_count; i++)
		good = good && watch(l, l->listeners[i], l->listeners);
	if (l->portmap_udp >= 0)
		good = good && watch(l, l->portmap_udp, &l->portmap_udp);
	return good;
}

void loop_close(struct loop *l)
{
	for (size_t i = 0; i < l->listener_count; i++)
		close(l->listeners[i]);
	if (l->portmap_udp >= 0)
		close(l->portmap_udp);
	if (l->wake >= 0)
		close(l->wake);
	if (l->epoll >= 0)
		close(l->epoll);
}

// ---- connections -----------------------------------------------------------------------------

static void drop(struct loop *l, struct connection *c)
{
	*c->self = c->next;
	if (c->next)
		c->next->self = c->self;
	l->connection_count--;
	connection_shut(c);
}

// Makes room: of those that never said anything the one that has been silent longest, else of all.
static void evict(struct loop *l)
{
	struct connection *worst = NULL;

	for (struct connection *c = l->connections; c; c = c->next)
		if (!worst || c->spoke < worst->spoke ||
			(c->spoke == worst->spoke && c->active < worst->active))
			worst = c;
	if (worst)
		drop(l, worst);
}

static void prepare_socket(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

// IPv4 in IPv6's way of writing it.
static void address_of(const struct sockaddr *peer, uint8_t to[DISPATCH_PEER])
{
	const struct sockaddr_in6 *six = (const void *)peer;
	const struct sockaddr_in *four = (const void *)peer;

	memset(to, 0, DISPATCH_PEER);
	if (peer->sa_family == AF_INET6) {
		memcpy(to, &six->sin6_addr, DISPATCH_PEER);
	} else if (peer->sa_family == AF_INET) {
		to[10] = to[11] = 0xff;
		memcpy(to + 12, &four->sin_addr, 4);
	}
}

static void admit(struct loop *l, int fd, const struct sockaddr *peer, uint64_t now)
{
	struct connection *c = NULL;

	if (l->connection_count >= LOOP_CONNECTIONS_MAX)
		evict(l);
	prepare_socket(fd);
	if (!l->admit || l->admit(l->context, peer))
		c = connection_new(fd, l->epoll, now);
	if (!c) {
		close(fd);
		return;
	}
	address_of(peer, c->peer);
	c->next = l->connections;
	c->self = &l->connections;
	if (c->next)
		c->next->self = &c->next;
	l->connections = c;
	l->connection_count++;
}

// False: nobody waits any more.
static bool accept_one(struct loop *l, int listener, uint64_t now)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof peer;
	int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		admit(l, fd, (struct sockaddr *)&peer, now);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE) {
		evict(l);
		usleep(10000); // a worker may still be using what was closed
	}
	return errno == ECONNABORTED || errno == EINTR;
}

static void accept_all(struct loop *l, uint64_t now)
{
	l->knocking = false;
	for (size_t i = 0; i < l->listener_count; i++)
		for (int n = 0; n < EVENTS && accept_one(l, l->listeners[i], now); n++)
			continue;
}

static bool overdue(const struct connection *c, uint64_t now)
{
	uint64_t silent = now - c->active;

	if (!c->spoke)
		return silent > LOOP_SILENT_MS;
	return rpc_record_partial(&c->record) && silent > LOOP_PARTIAL_MS;
}

static void sweep(struct loop *l, uint64_t now)
{
	struct connection *next;

	if (now - l->swept < SWEEP_MS)
		return;
	l->swept = now;
	for (struct connection *c = l->connections; c; c = next) {
		next = c->next;
		if (overdue(c, now))
			drop(l, c);
	}
}

static void take(void *context, struct connection *c, uint8_t *record, size_t length)
{
	struct loop *l = context;

	workers_add(l->workers, c, record, length);
}

static void serve(struct loop *l, struct connection *c, uint32_t events, uint64_t now)
{
	bool good = true;

	if (events & EPOLLOUT)
		good = connection_write(c);
	if (good && ((events & EPOLLIN) || connection_waits(c)))
		good = connection_read(c, now, take, l);
	else if (events & (EPOLLHUP | EPOLLERR))
		good = false;
	if (!good)
		drop(l, c);
}

// ---- the port mapper over UDP ----------------------------------------------------------------

// Only what is answered with less than was asked: nobody's amplifier.
static bool small_question(const uint8_t *packet, size_t length)
{
	struct xdr x = xdr_decoder(packet, length);
	struct rpc_call call;

	rpc_call(&x, &call);
	return !x.failed && call.prog == PORTMAP_PROGRAM && call.vers == PORTMAP_VERSION &&
	       (call.proc == PORTMAP_NULL || call.proc == PORTMAP_GETPORT);
}

static void answer_udp(struct loop *l)
{
	const uint8_t nobody[DISPATCH_PEER] = {0};
	uint8_t packet[UDP_MAX];
	struct sockaddr_storage peer;
	socklen_t peer_length = sizeof peer;
	struct dispatch_reply reply;
	bool broken;
	ssize_t n = recvfrom(l->portmap_udp, packet, sizeof packet, MSG_DONTWAIT,
		(struct sockaddr *)&peer, &peer_length);

	if (n < 0 || !small_question(packet, (size_t)n))
		return;
	if (l->admit && !l->admit(l->context, (struct sockaddr *)&peer))
		return;
	reply = dispatch(l->files, nobody, packet, (size_t)n, &broken);
	if (reply.bytes)
		sendto(l->portmap_udp, reply.bytes + RPC_MARK, reply.length - RPC_MARK,
			MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&peer, peer_length);
	free(reply.bytes);
}

// ---- the loop --------------------------------------------------------------------------------

// False: it is over.
static bool handle(struct loop *l, const struct epoll_event *event, uint64_t now)
{
	void *mark = event->data.ptr;

	if (mark == &l->wake)
		return false;
	if (mark == l->listeners)
		l->knocking = true;
	else if (mark == &l->portmap_udp)
		answer_udp(l);
	else
		serve(l, mark, event->events, now);
	return true;
}

void loop_run(struct loop *l)
{
	struct epoll_event events[EVENTS];
	bool going = true;

	while (going) {
		int n = epoll_wait(l->epoll, events, EVENTS, SWEEP_MS);
		uint64_t now = now_ms();

		for (int i = 0; i < n; i++)
			going = handle(l, &events[i], now) && going;
		// Only now may connections go that this round has not asked for.
		if (l->knocking)
			accept_all(l, now);
		sweep(l, now);
	}
	while (l->connections)
		drop(l, l->connections);
}
