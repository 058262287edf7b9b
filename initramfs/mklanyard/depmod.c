// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/depmod.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Looks where the user's PATH says, then where system programs lie, which users' PATHs often lack.
static bool find_depmod(char *found, size_t size)
{
	const char *path = getenv("PATH");
	char places[8192], *rest = places, *place;

	if (snprintf(places, sizeof places, "%s:/usr/sbin:/sbin", path ? path : "") >=
		(int)sizeof places)
		return false;
	while ((place = strsep(&rest, ":")))
		if (*place == '/' && snprintf(found, size, "%s/depmod", place) < (int)size &&
			access(found, X_OK) == 0)
			return true;
	return false;
}

static void last_line(const char *log, char *line, int size)
{
	FILE *file = fopen(log, "re");

	line[0] = 0;
	while (file && fgets(line, size, file))
		line[strcspn(line, "\n")] = 0;
	if (file)
		fclose(file);
}

static bool spawn(pid_t *child, char **argv, const char *log, int keep_fd, const sigset_t *signals)
{
	char *environment[] = {"LC_ALL=C", NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawn_file_actions_adddup2(&files, keep_fd, keep_fd); // takes close-on-exec away
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, signals);
	error = posix_spawn(child, argv[0], &files, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	errno = error;
	return !error;
}

bool depmod_run(const char *base, const char *version, int keep_fd, const sigset_t *signals,
	struct fault *f)
{
	char program[PATH_MAX], log[PATH_MAX], line[160];
	// The configuration is the empty one: this machine's /etc/depmod.d is not the tree's.
	char *argv[] = {program, "-b", (char *)base, "-C", "/dev/null", (char *)version, NULL};
	pid_t child;
	int status;

	if (!find_depmod(program, sizeof program))
		return fault_set(
			f, FAULT_MODULE_INDEX, "(the tree has none, and there is no depmod)");
	snprintf(log, sizeof log, "%s/depmod.log", base);
	if (!spawn(&child, argv, log, keep_fd, signals))
		return fault_set(f, FAULT_MODULE_INDEX, "(%s: %s)", program, strerror(errno));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return fault_set(
				f, FAULT_MODULE_INDEX, "(%s: %s)", program, strerror(errno));
	if (status == 0)
		return true;
	last_line(log, line, sizeof line);
	if (WIFSIGNALED(status))
		return fault_set(f, FAULT_MODULE_INDEX, "(%s was ended by signal %d)", program,
			WTERMSIG(status));
	return fault_set(f, FAULT_MODULE_INDEX, "(%s ended with code %d: %s)", program,
		WEXITSTATUS(status), line);
}
