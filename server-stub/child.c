// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/child.h"
#include "server-stub/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE_FIRST = 100, PAUSE_MOST = 30000, GOOD_RUN = 60000, PATIENCE = 10000 };

static void launch(struct child *c)
{
	if (c->prepare)
		c->prepare(c->owner);
	c->pid = fork();
	if (c->pid == 0)
		c->run(c->owner);
	if (c->pid < 0) {
		log_say(LOG_FAULT, c->part, "no process for %s: %s", c->what, strerror(errno));
		c->pid = 0;
		events_timer(c->events, &c->timer, events_now() + PAUSE_MOST);
		return;
	}
	c->started = events_now();
}

// The pause is over, or the patience with one that was asked to end.
static void expired(void *owner, uint64_t now)
{
	struct child *c = owner;

	(void)now;
	if (c->pid)
		kill(c->pid, SIGKILL);
	else if (c->wanted)
		launch(c);
}

void child_start(struct child *c)
{
	c->wanted = true;
	c->pause = PAUSE_FIRST;
	c->timer = (struct event_timer){.expired = expired, .owner = c};
	launch(c);
}

static void ask_to_end(struct child *c)
{
	kill(c->pid, SIGTERM);
	events_timer(c->events, &c->timer, events_now() + PATIENCE);
}

void child_stop(struct child *c)
{
	c->wanted = false;
	if (c->pid)
		ask_to_end(c);
	else if (c->events)
		events_timer(c->events, &c->timer, UINT64_MAX);
}

void child_restart(struct child *c)
{
	if (!c->pid)
		return; // it will be started with what is true then
	c->pause = 0;
	ask_to_end(c);
}

static void describe(int status, char *to, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(to, size, "signal %d, %s", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(to, size, "exit status %d", WEXITSTATUS(status));
}

static void complain(const struct child *c, int status)
{
	char how[80];
	struct fault f;

	describe(status, how, sizeof how);
	fault_set(&f, FAULT_SERVER_CHILD, "(%s: %s; the next start is in %u.%u s)", c->what, how,
		c->pause / 1000, c->pause % 1000 / 100);
	log_fault(c->part, &f);
}

bool child_ended(struct child *c, pid_t pid, int status)
{
	uint64_t now = events_now();

	if (!pid || pid != c->pid)
		return false;
	c->pid = 0;
	events_timer(c->events, &c->timer, UINT64_MAX);
	if (!c->wanted)
		return true;
	if (c->pause && now - c->started > GOOD_RUN)
		c->pause = PAUSE_FIRST;
	if (c->pause)
		complain(c, status);
	events_timer(c->events, &c->timer, now + c->pause);
	c->pause = c->pause ? c->pause * 2 : PAUSE_FIRST;
	if (c->pause > PAUSE_MOST)
		c->pause = PAUSE_MOST;
	return true;
}
