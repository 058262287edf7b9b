// SPDX-License-Identifier: BSD-2-Clause
// A bucket holds what may be written: it is filled again with time. What finds it empty is dropped, and
// their number told a little later, however long that goes on. What the log does not show takes nothing.
#define _GNU_SOURCE
#include "server-stub/syslogd.h"
#include "netstack/base/machine.h"
#include "server-stub/address.h"
#include "server-stub/log.h"
#include "server-stub/syslog_line.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MESSAGE = 2048,         // what every receiver must take, and should (RFC 5424 section 6.1)
	MESSAGES_AT_A_TIME = 32,
	BUCKET = 400,           // lines; a room of machines that is switched on sends ten each
	LINE_MS = 20,           // ms that another one takes
	TELL_MS = 1000,         // between lines about what is left out
	ERROR = 3, DEBUG = 7,   // severities
};

struct syslogd {
	struct events *events;
	struct event_source source;
	struct event_timer tell;
	uint64_t filled; // ms: up to when lines have been granted
	unsigned left, dropped;
};

static void fill(struct syslogd *s, uint64_t now)
{
	uint64_t lines = (now - s->filled) / LINE_MS;

	s->filled += lines * LINE_MS;
	s->left = lines + s->left > BUCKET ? BUCKET : s->left + (unsigned)lines;
}

static void drop(struct syslogd *s, uint64_t now)
{
	if (!s->dropped++)
		events_timer(s->events, &s->tell, now + TELL_MS);
}

static void tell_dropped(void *owner, uint64_t now)
{
	struct syslogd *s = owner;

	(void)now;
	log_say(LOG_WARNING, "client", "%u messages of clients are left out: too many at once", s->dropped);
	s->dropped = 0;
}

static enum log_level level_of(const struct syslog_line *l)
{
	if (!l->lanyard || l->severity >= DEBUG)
		return LOG_DETAIL;
	return l->severity <= ERROR ? LOG_WARNING : LOG_NOTICE;
}

static void take(struct syslogd *s, const void *message, size_t length, const struct ipaddr *from,
	uint64_t now)
{
	char address[IPADDR_TEXT];
	struct syslog_line l;

	if (!syslog_line_read(&l, message, length) || !log_shows(level_of(&l)))
		return;
	fill(s, now);
	if (!s->left) {
		drop(s, now);
		return;
	}
	s->left--;
	ipaddr_format(from, address);
	log_say(level_of(&l), "client", "%s%s%s%s: %s%s%s", l.mac[0] ? l.mac : address, l.mac[0] ? " (" : "",
		l.mac[0] ? address : "", l.mac[0] ? ")" : "", l.app, l.app[0] ? ": " : "", l.words);
}

static void messages_arrived(void *owner, int fd, uint64_t now)
{
	struct syslogd *s = owner;

	for (int i = 0; i < MESSAGES_AT_A_TIME; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof from;
		char message[MESSAGE];
		ssize_t length = recvfrom(
			fd, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
		struct endpoint client;

		if (length < 0)
			return;
		client = address_from_kernel(&from);
		take(s, message, (size_t)length, &client.addr, now);
	}
}

struct syslogd *syslogd_start(struct events *events, int socket)
{
	struct syslogd *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	*s = (struct syslogd){.events = events,
		.source = {.fd = socket, .readable = messages_arrived, .owner = s},
		.tell = {.expired = tell_dropped, .owner = s},
		.filled = events_now(),
		.left = BUCKET};
	if (events_watch(events, &s->source))
		return s;
	free(s);
	return NULL;
}

void syslogd_stop(struct syslogd *s)
{
	events_timer(s->events, &s->tell, DEADLINE_NEVER);
	events_unwatch(s->events, &s->source);
	close(s->source.fd);
	free(s);
}
