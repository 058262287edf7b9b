// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/child.h"

#include "initramfs/milestone.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAY_AFTER = 5000 }; // ms

static void live(const char *directory, int (*work)(void *argument), void *argument)
{
	if (chdir(directory) < 0 || chroot(".") < 0)
		_exit(127);
	_exit(work(argument));
}

// The pipe's end closes when the child ends, however it ends.
static void await_end(int end, const char *what)
{
	struct pollfd p = {.fd = end, .events = POLLIN};

	while (poll(&p, 1, SAY_AFTER) <= 0)
		milestone_waiting("%s", what);
}

int child_run(const char *directory, int (*work)(void *argument), void *argument,
	const char *what)
{
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		live(directory, work, argument);
	close(ends[1]);
	if (pid > 0)
		await_end(ends[0], what);
	close(ends[0]);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
