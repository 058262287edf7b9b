// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/image_build.h"
#include "server-stub/build_room.h"
#include "server-stub/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TIME_LIMIT = 300000,
	// Exit statuses before mklanyard runs, which has 100 and 111.
	NO_ROOM = 125,
	NO_RIGHTS = 126,
	NO_PROGRAM = 127,
};

bool image_build_begin(struct image_build *b, const struct options *options, struct events *events,
	const struct sandbox_user *user, const char *work, struct fault *f)
{
	char init[PROGRAM_PATH];

	*b = (struct image_build){
		.options = options, .events = events, .user = *user, .work = work};
	if (!program_find(options->programs, "mklanyard", b->mklanyard))
		return fault_set(f, FAULT_SERVER_IMAGE, "(mklanyard is not installed)");
	if (!program_find(options->programs, "init", init) &&
		!program_find(options->programs, "init-arm64", init)) // the tree's kernel decides
		return fault_set(f, FAULT_SERVER_IMAGE, "(init is not installed)");
	strcpy(b->programs[0], b->mklanyard);
	strcpy(b->programs[1], init);
	for (int i = 0; i < 2; i++)
		*strrchr(b->programs[i], '/') = 0;
	return true;
}

// ---- its words -------------------------------------------------------------------------------

static void hear_line(struct image_build *b)
{
	const char *fault;

	b->line[b->length] = 0;
	b->length = 0;
	fault = strstr(b->line, "LAN-");
	if (fault)
		snprintf(b->last, sizeof b->last, "%s", fault);
	log_say(fault ? LOG_WARNING : LOG_DETAIL, "image", "%s", b->line);
}

static bool hear_some(struct image_build *b)
{
	char words[512];
	ssize_t got = read(b->words.fd, words, sizeof words);

	for (ssize_t i = 0; i < got; i++)
		if (words[i] == '\n' || b->length == sizeof b->line - 1)
			hear_line(b);
		else
			b->line[b->length++] = words[i];
	return got > 0;
}

static void hear(void *owner, int fd, uint64_t now)
{
	struct image_build *b = owner;

	(void)fd;
	(void)now;
	if (!hear_some(b))
		events_unwatch(b->events, &b->words);
}

// ---- in the child ----------------------------------------------------------------------------

static _Noreturn void run(const struct image_build *b, const char *version, int words)
{
	static const char *const environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/tmp", "LC_ALL=C", NULL};
	const struct build_room room = {
		b->options->root, {b->programs[0], b->programs[1]}, b->work};
	const char *tree = b->options->root;
	char output[PROGRAM_PATH + 16], parts[PROGRAM_PATH + 16];
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(words, 1);
	dup2(words, 2);
	sandbox_begin(NULL, 0);
	if (!b->plain && !build_room_enter(&room, &tree))
		_exit(NO_ROOM);
	if (!sandbox_builder(&b->user))
		_exit(NO_RIGHTS);
	snprintf(output, sizeof output, "%s/image", b->plain ? b->work : "/out");
	snprintf(parts, sizeof parts, "%s/parts", b->plain ? b->work : "/out");
	const char *arguments[] = {"mklanyard", "-r", tree, "-k", version, "-m",
		b->options->modules, "-o", output, "--segments", parts, NULL};
	execve(b->mklanyard, (char **)arguments, (char **)environment);
	dprintf(STDERR_FILENO, "user %u cannot start %s: %s\n", (unsigned)getuid(), b->mklanyard,
		strerror(errno));
	_exit(NO_PROGRAM);
}

// ---- in the supervisor -----------------------------------------------------------------------

static void late(void *owner, uint64_t now)
{
	struct image_build *b = owner;

	(void)now;
	b->late = true;
	kill(b->pid, SIGKILL);
}

static void watch(struct image_build *b, int words)
{
	b->words = (struct event_source){.fd = words, .readable = hear, .owner = b};
	events_watch(b->events, &b->words);
	b->timer = (struct event_timer){.expired = late, .owner = b};
	b->started = events_now();
	events_timer(b->events, &b->timer, b->started + TIME_LIMIT);
	b->late = false;
	b->length = 0;
	b->last[0] = 0;
}

bool image_build_start(struct image_build *b, const char *version, struct fault *f)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return fault_set(f, FAULT_SERVER_IMAGE, "(no pipe: %s)", strerror(errno));
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	b->pid = build_room_fork(!b->plain);
	if (b->pid < 0 && !b->plain && errno == EPERM) {
		b->plain = true;
		b->pid = build_room_fork(false);
	}
	if (b->pid == 0)
		run(b, version, pipes[1]);
	close(pipes[1]);
	if (b->pid < 0) {
		b->pid = 0;
		close(pipes[0]);
		return fault_set(f, FAULT_SERVER_IMAGE, "(no process: %s)", strerror(errno));
	}
	watch(b, pipes[0]);
	return true;
}

static void describe(const struct image_build *b, int status, struct fault *f)
{
	if (b->late)
		fault_set(f, FAULT_SERVER_IMAGE, "(mklanyard took longer than %u s)",
			TIME_LIMIT / 1000);
	else if (WIFSIGNALED(status))
		fault_set(f, FAULT_SERVER_IMAGE, "(mklanyard was ended by signal %d, %s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (b->last[0])
		fault_set(f, FAULT_SERVER_IMAGE, "(%s)", b->last);
	else if (WEXITSTATUS(status) == NO_PROGRAM)
		fault_set(f, FAULT_SERVER_IMAGE, "(%s)", b->line); // what run() has said
	else
		fault_set(f, FAULT_SERVER_IMAGE, "(%s: exit status %d)", b->mklanyard,
			WEXITSTATUS(status));
}

static void end(struct image_build *b)
{
	while (hear_some(b))
		continue;
	if (b->length)
		hear_line(b);
	events_unwatch(b->events, &b->words);
	close(b->words.fd);
	events_timer(b->events, &b->timer, UINT64_MAX);
	b->took = (unsigned)(events_now() - b->started);
	b->pid = 0;
}

enum image_build_end image_build_ended(struct image_build *b, int status, struct fault *f)
{
	end(b);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return IMAGE_BUILD_GOOD;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_ROOM && !b->plain) {
		log_say(LOG_WARNING, "image",
			"this machine gives mklanyard no namespaces: it runs without");
		b->plain = true;
		return IMAGE_BUILD_AGAIN;
	}
	describe(b, status, f);
	return IMAGE_BUILD_FAILED;
}

void image_build_stop(struct image_build *b)
{
	if (!b->pid)
		return;
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	end(b);
}
