// SPDX-License-Identifier: BSD-2-Clause
// The service's port: requests become sessions. When there are as many as there may be, the others
// wait in the socket's own queue, unread, until a session has ended: a client whose request waits asks
// again and is served a little later, one that is refused would give up.
#define _GNU_SOURCE
#include "server-stub/tftpd.h"
#include "netstack/wire/tftp.h"
#include "server-stub/address.h"
#include "server-stub/log.h"
#include "server-stub/tapes.h"
#include "server-stub/tftp_session.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SESSIONS = 512,
	REQUEST = 1500,
	REQUESTS_AT_A_TIME = 32,
	WAITING_ROOM = 1024 * 1024, // bytes of requests that nobody has read yet
	LOOK_AGAIN_MS = 200,
	WARN_MS = 60 * 1000,
	OTHER_FILES = 128,          // descriptors that are not sessions'
	FILES_EACH = 2,             // a socket and a file
};

struct tftpd {
	struct tftp_sessions sessions;
	struct tapes *tapes;
	size_t most;
	struct event_source source;
	struct event_timer look_again;
	bool watching;
	uint64_t warned;
};

int tftpd_bind(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, room = WAITING_ROOM, error;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0 &&
		bind(fd, (struct sockaddr *)&any, sizeof any) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

// ---- requests --------------------------------------------------------------------------------

// The address that the client spoke to. False for a broadcast, which nobody answers (RFC 1123 section
// 4.2.3.5), and where the kernel does not say.
static bool local_address(struct msghdr *message, struct ipaddr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		*local = ipaddr_from_u32(ntohl(info.ipi_addr.s_addr));
		return info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
	}
	return false;
}

// Nothing else may be answered here: two servers that answer each other's errors would never end.
static bool is_request(const uint8_t *bytes, ssize_t length)
{
	return length >= 2 && bytes[0] == 0 && (bytes[1] == TFTP_RRQ || bytes[1] == TFTP_WRQ);
}

// False: nothing has come. What is not to be answered has `length` 0.
static bool receive(int fd, uint8_t *bytes, struct tftp_request *r)
{
	struct sockaddr_storage from;
	union {
		struct cmsghdr head;
		char bytes[128];
	} control;
	struct iovec piece = {.iov_base = bytes, .iov_len = REQUEST};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);

	if (got < 0)
		return false;
	*r = (struct tftp_request){.bytes = bytes, .client = address_from_kernel(&from)};
	if (local_address(&message, &r->local.addr) && r->client.port != 0 && is_request(bytes, got))
		r->length = (size_t)got;
	return true;
}

static void warn(struct tftpd *t, const char *sentence, uint64_t now)
{
	if (t->warned && now - t->warned < WARN_MS)
		return;
	t->warned = now;
	log_say(LOG_WARNING, "tftp", "%s", sentence);
}

static void watch(struct tftpd *t, bool on)
{
	if (on && !t->watching)
		t->watching = events_watch(t->sessions.events, &t->source);
	else if (!on && t->watching)
		events_unwatch(t->sessions.events, &t->source);
	t->watching = on && t->watching;
	events_timer(t->sessions.events, &t->look_again,
		t->watching ? DEADLINE_NEVER : events_now() + LOOK_AGAIN_MS);
}

static void look_again(void *owner, uint64_t now)
{
	(void)now;
	watch(owner, true);
}

static void session_ended(void *owner)
{
	struct tftpd *t = owner;

	if (!t->watching)
		watch(t, true);
}

static void serve(struct tftpd *t, const struct tftp_request *r, uint64_t now)
{
	int error;

	if (r->length == 0 || tftp_session_known(&t->sessions, r, now))
		return;
	if (t->tapes && tapes_take(t->tapes, r, now))
		return;
	error = tftp_session_start(&t->sessions, r, now);
	if (error) {
		warn(t, strerror(error), now);
		if (error == EMFILE || error == ENFILE || error == ENOMEM)
			watch(t, false);
	}
}

static void requests_arrived(void *owner, int fd, uint64_t now)
{
	struct tftpd *t = owner;
	uint8_t bytes[REQUEST];

	for (int i = 0; i < REQUESTS_AT_A_TIME && t->watching; i++) {
		struct tftp_request r;

		if (t->sessions.count >= t->most && !tftp_session_make_room(&t->sessions, now)) {
			warn(t, "as many transfers as there may be: new ones wait", now);
			watch(t, false);
			return;
		}
		if (!receive(fd, bytes, &r))
			return;
		serve(t, &r, now);
	}
}

// ---- the service -----------------------------------------------------------------------------

static size_t most_sessions(size_t wanted)
{
	struct rlimit files;
	size_t possible;

	if (wanted == 0)
		wanted = SESSIONS;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return wanted;
	possible = files.rlim_cur > OTHER_FILES ? (files.rlim_cur - OTHER_FILES) / FILES_EACH : 1;
	return wanted < possible ? wanted : possible;
}

struct tftpd *tftpd_start(const struct tftpd_config *config)
{
	struct tftpd *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->sessions = (struct tftp_sessions){
		.events = config->events,
		.sources = config->sources,
		.burst = tftp_burst_new(),
		.ended = session_ended,
		.owner = t,
	};
	t->tapes = config->tapes;
	t->most = most_sessions(config->sessions);
	t->source = (struct event_source){config->socket, requests_arrived, t};
	t->look_again = (struct event_timer){.expired = look_again, .owner = t};
	if (!t->sessions.burst || !(t->watching = events_watch(config->events, &t->source))) {
		tftp_burst_free(t->sessions.burst);
		free(t);
		return NULL;
	}
	return t;
}

void tftpd_stop(struct tftpd *t)
{
	tftp_sessions_end(&t->sessions);
	if (t->watching)
		events_unwatch(t->sessions.events, &t->source);
	events_timer(t->sessions.events, &t->look_again, DEADLINE_NEVER);
	close(t->source.fd);
	tftp_burst_free(t->sessions.burst);
	free(t);
}
