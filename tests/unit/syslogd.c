// SPDX-License-Identifier: BSD-2-Clause
// server-stub/syslogd.h: how much of what clients send comes into the log. The loop, its clock and the log
// are this test's own.
#include "server-stub/syslogd.h"
#include "server-stub/log.h"
#include "tests/unit/vectors.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct event_source *source;
static struct event_timer *timer;
static enum log_level highest;
static uint64_t now;
static unsigned lines, complaints, left_out;

uint64_t events_now(void)
{
	return now;
}

bool events_watch(struct events *e, struct event_source *s)
{
	(void)e;
	source = s;
	return true;
}

void events_unwatch(struct events *e, struct event_source *s)
{
	(void)e, (void)s;
	source = NULL;
}

void events_timer(struct events *e, struct event_timer *t, uint64_t due)
{
	(void)e;
	t->due = due;
	timer = due == UINT64_MAX ? NULL : t;
}

bool log_shows(enum log_level level)
{
	return level <= highest;
}

void log_say(enum log_level level, const char *part, const char *format, ...)
{
	char line[1024];
	unsigned count;
	va_list arguments;

	assert_string_equal(part, "client");
	if (level > highest)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (sscanf(line, "%u messages of clients are left out", &count) == 1)
		complaints++, left_out += count;
	else
		lines++;
}

// So many messages, one every `pause` ms.
static void send_all(int to, const char *message, unsigned count, unsigned pause)
{
	for (unsigned i = 0; i < count; i++) {
		now += pause;
		if (timer && timer->due <= now) {
			struct event_timer *t = timer;

			timer = NULL;
			t->expired(t->owner, now);
		}
		assert_int_equal(send(to, message, strlen(message), 0), strlen(message));
		source->readable(source->owner, source->fd, now);
	}
}

static struct syslogd *start(int pair[2], enum log_level level)
{
	struct syslogd *s;

	highest = level;
	now = 1000000;
	lines = complaints = left_out = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	s = syslogd_start(NULL, pair[0]);
	assert_non_null(s);
	return s;
}

static void stop(struct syslogd *s, int pair[2])
{
	syslogd_stop(s);
	assert_null(source);
	assert_null(timer);
	close(pair[1]);
}

// Ten seconds of a thousand messages each: real lines go on, and a few say how many are missing.
static void a_flood(void **state)
{
	struct syslogd *s;
	int pair[2];

	(void)state;
	s = start(pair, LOG_NOTICE);
	send_all(pair[1], "<14>1 - - lanyard - - - flood", 10000, 1);
	assert_in_range(lines, 800, 1000); // 400 at once, then 50 each second
	assert_in_range(complaints, 5, 10);
	now += 5000;
	assert_non_null(timer); // nobody needs to send for the last ones to be told
	timer->expired(timer->owner, now);
	timer = NULL;
	assert_int_equal(lines + left_out, 10000);
	stop(s, pair);
}

// What is not shown takes no room from what is.
static void other_programs(void **state)
{
	struct syslogd *s;
	int pair[2];

	(void)state;
	s = start(pair, LOG_NOTICE);
	send_all(pair[1], "<14>1 - - cron - - - noise", 1000, 0);
	send_all(pair[1], "<14>1 - - lanyard - - - kernel", 300, 0);
	assert_int_equal(lines, 300);
	assert_int_equal(complaints, 0);
	stop(s, pair);
	s = start(pair, LOG_DETAIL);
	send_all(pair[1], "<14>1 - - cron - - - noise", 1000, 0);
	assert_int_equal(lines, 400);
	stop(s, pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood),
		cmocka_unit_test(other_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
