// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/tftp_session.h"
#include "netstack/wire/tftp.h"
#include "server-stub/address.h"
#include "server-stub/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HEADER = 4,           // opcode and block
	UDP_HEADER = 8,
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	BLKSIZE_LEAST = 512,
	BLKSIZE_MOST = 65464, // RFC 2348
	ANSWER = 516,         // room for any packet but DATA: an OACK, an ERROR with a sentence
	PACKETS_AT_A_TIME = 16,
	ASKS_ANEW_MS = 1000,  // a request that comes again this long after the last progress is meant
	NO_ANSWER_MS = 200,
};

struct tftp_session {
	struct tftp_session *next, **self;
	struct tftp_sessions *all;
	struct event_source source;
	struct event_timer timer;
	struct tftp_server machine;
	struct source file;
	struct ipaddr local;
	uint64_t request, started; // a checksum; ms
};

static uint64_t checksum(const struct tftp_request *r)
{
	const uint8_t *b = r->bytes;
	uint64_t sum = 0xcbf29ce484222325; // FNV-1a

	for (size_t i = 0; i < r->length; i++)
		sum = (sum ^ b[i]) * 0x100000001b3;
	return sum;
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && ipaddr_equal(&a->addr, &b->addr);
}

// ---- what is said of it ----------------------------------------------------------------------

// Boot programs look for a configuration under a dozen names: those misses are nothing to look at.
static bool is_search(const char *file)
{
	return strstr(file, "pxelinux.cfg/") || strstr(file, "pxelinux.cfg\\");
}

static void say_done(const struct tftp_session *s, const char *remark, uint64_t now)
{
	const struct tftp_server *m = &s->machine;
	char client[IPADDR_TEXT];
	uint64_t took = now - s->started;

	log_say(LOG_NOTICE, "tftp", "%s to %s: %llu bytes in %llu.%03llu s (blksize %u, windowsize %u, "
		"%u gaps, %u timeouts)%s", m->file, ipaddr_format(&m->peer.addr, client),
		(unsigned long long)m->size, (unsigned long long)(took / 1000),
		(unsigned long long)(took % 1000), m->blksize, m->windowsize, m->count.gaps,
		m->count.timeouts, remark);
}

static void say_end(const struct tftp_session *s, uint64_t now)
{
	const struct tftp_server *m = &s->machine;
	bool missing = m->fault.id == FAULT_TFTP_NOT_FOUND && m->error_code == TFTP_FILE_NOT_FOUND;
	char client[IPADDR_TEXT];

	ipaddr_format(&m->peer.addr, client);
	if (m->status == MACHINE_DONE && m->fault.id == FAULT_NONE)
		say_done(s, "", now);
	else if (m->status == MACHINE_DONE)
		log_say(LOG_DETAIL, "tftp", "%s: %s asked only for its size", m->file, client);
	else if (m->fault.id == FAULT_TFTP_STALLED && tftp_server_all_sent(m))
		say_done(s, ", the last acknowledgement is missing", now);
	else if (m->acked > 0)
		log_say(LOG_WARNING, "tftp", "%s to %s: after %llu blocks of %u bytes: %s", m->file,
			client, (unsigned long long)m->acked, m->blksize, m->why);
	else
		log_say(missing && is_search(m->file) ? LOG_DETAIL : LOG_WARNING, "tftp", "%s to %s: %s",
			m->file, client, m->why);
}

// ---- its life --------------------------------------------------------------------------------

static void end(struct tftp_session *s)
{
	struct tftp_sessions *all = s->all;

	events_timer(all->events, &s->timer, DEADLINE_NEVER);
	events_unwatch(all->events, &s->source);
	close(s->source.fd);
	source_close(&s->file);
	*s->self = s->next;
	if (s->next)
		s->next->self = s->self;
	all->count--;
	free(s);
	if (all->ended)
		all->ended(all->owner);
}

void tftp_sessions_end(struct tftp_sessions *all)
{
	all->ended = NULL;
	while (all->first)
		end(all->first);
}

static void client_is_gone(struct tftp_session *s)
{
	struct tftp_server *m = &s->machine;

	if (m->status != MACHINE_RUNNING)
		return;
	m->status = MACHINE_FAILED;
	fault_set(&m->fault, FAULT_TFTP_STALLED, "%s", "(the client has closed its port)");
	strcpy(m->why, "the client has closed its port");
}

// Sends all that is due. False: the session has ended, and is released.
static bool pump(struct tftp_session *s, uint64_t now)
{
	struct tftp_burst *burst = s->all->burst;
	struct tftp_server *m = &s->machine;
	size_t room = m->blksize + HEADER > ANSWER ? m->blksize + HEADER : ANSWER;
	struct endpoint to;
	bool open = true;

	for (;;) {
		struct writer packet;

		if (!tftp_burst_fits(burst, room))
			open &= tftp_burst_send(burst, s->source.fd);
		packet = writer_of(tftp_burst_space(burst), room);
		if (!tftp_server_output(m, &packet, &to, now))
			break;
		tftp_burst_add(burst, writer_length(&packet));
	}
	if (!(tftp_burst_send(burst, s->source.fd) && open))
		client_is_gone(s);
	if (tftp_server_status(m) != MACHINE_RUNNING) {
		say_end(s, now);
		end(s);
		return false;
	}
	events_timer(s->all->events, &s->timer, tftp_server_deadline(m));
	return true;
}

static void timer_expired(void *owner, uint64_t now)
{
	pump(owner, now);
}

static void packets_arrived(void *owner, int fd, uint64_t now)
{
	struct tftp_session *s = owner;
	uint8_t packet[ANSWER];

	for (int i = 0; i < PACKETS_AT_A_TIME && s->machine.status == MACHINE_RUNNING; i++) {
		ssize_t length = recv(fd, packet, sizeof packet, MSG_DONTWAIT);

		if (length < 0 && errno == ECONNREFUSED)
			client_is_gone(s);
		if (length < 0)
			break;
		tftp_server_input(&s->machine, packet, (size_t)length, &s->machine.peer, now);
	}
	pump(s, now);
}

// ---- its beginning ---------------------------------------------------------------------------

static bool open_file(void *owner, const char *name, uint64_t *size, uint16_t *code, const char **text)
{
	struct tftp_session *s = owner;
	int error = source_open(s->all->sources, name, &s->local, &s->file);

	*size = s->file.size;
	*text = source_error(error);
	*code = error == ENOENT   ? TFTP_FILE_NOT_FOUND
		: error == EACCES ? TFTP_ACCESS_VIOLATION
				  : TFTP_UNDEFINED;
	return error == 0;
}

static bool read_file(void *owner, uint64_t offset, void *to, size_t length)
{
	struct tftp_session *s = owner;

	return source_read(&s->file, offset, to, length);
}

int tftp_session_connect(const struct tftp_request *r)
{
	struct endpoint local = {.addr = r->local.addr};
	struct sockaddr_storage from, to;
	socklen_t from_length = address_to_kernel(&local, &from);
	socklen_t to_length = address_to_kernel(&r->client, &to);
	int fd = socket(from.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&from, from_length) != 0 ||
		connect(fd, (struct sockaddr *)&to, to_length) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

// What goes into one packet on the way to this client.
static uint16_t blksize_of(int fd, const struct ipaddr *client)
{
	bool six = client->family == IP_V6;
	int mtu = 1500, headers = (six ? IP6_HEADER : IP4_HEADER) + UDP_HEADER + HEADER;
	socklen_t length = sizeof mtu;

	getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU : IP_MTU, &mtu, &length);
	if (mtu - headers < BLKSIZE_LEAST)
		return BLKSIZE_LEAST;
	return (uint16_t)(mtu - headers < BLKSIZE_MOST ? mtu - headers : BLKSIZE_MOST);
}

static struct tftp_session *new_session(struct tftp_sessions *all, int fd)
{
	struct tftp_session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->all = all;
	s->source = (struct event_source){.fd = fd, .readable = packets_arrived, .owner = s};
	s->timer = (struct event_timer){.expired = timer_expired, .owner = s};
	s->file.fd = -1;
	if (!events_watch(all->events, &s->source)) {
		free(s);
		return NULL;
	}
	s->next = all->first;
	s->self = &all->first;
	if (s->next)
		s->next->self = &s->next;
	all->first = s;
	all->count++;
	return s;
}

int tftp_session_start(struct tftp_sessions *all, const struct tftp_request *r, uint64_t now)
{
	int fd = tftp_session_connect(r);
	struct tftp_session *s = fd >= 0 ? new_session(all, fd) : NULL;
	struct tftp_server_config config = {
		.owner = s,
		.open = open_file,
		.read = read_file,
		.window_bytes = TFTP_BURST_BYTES,
	};

	if (!s) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return error;
	}
	config.blksize_max = blksize_of(fd, &r->client.addr);
	s->local = r->local.addr;
	s->request = checksum(r);
	s->started = now;
	tftp_server_start(&s->machine, &config, r->bytes, r->length, &r->client, now);
	pump(s, now);
	return 0;
}

bool tftp_session_known(struct tftp_sessions *all, const struct tftp_request *r, uint64_t now)
{
	uint64_t sum = checksum(r);
	struct tftp_session *s = all->first;

	while (s && !(s->request == sum && same_endpoint(&s->machine.peer, &r->client)))
		s = s->next;
	if (!s)
		return false;
	if (s->machine.heard && now - s->machine.progress >= ASKS_ANEW_MS) {
		log_say(LOG_DETAIL, "tftp", "%s: the client begins anew", s->machine.file);
		end(s);
		return false;
	}
	tftp_server_again(&s->machine, now);
	pump(s, now);
	return true;
}

bool tftp_session_make_room(struct tftp_sessions *all, uint64_t now)
{
	struct tftp_session *oldest = NULL;

	for (struct tftp_session *s = all->first; s; s = s->next)
		if (!s->machine.heard && now - s->machine.emitted >= NO_ANSWER_MS)
			oldest = s; // the list's last is the oldest
	if (oldest)
		end(oldest);
	return oldest != NULL;
}
