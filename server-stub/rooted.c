// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int find(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int rooted_find(int root, const char *path)
{
	return find(root, path, O_PATH);
}

int rooted_directory(int root, const char *path)
{
	return find(root, path, O_RDONLY | O_DIRECTORY);
}

// Only once it is known to be a regular file: opening a pipe waits, opening a device does things.
static int reopen(int found)
{
	char self[64];
	struct stat st;

	if (fstat(found, &st) < 0)
		return -1;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (!S_ISREG(st.st_mode))
		return -1;
	snprintf(self, sizeof self, "/proc/self/fd/%d", found);
	return open(self, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

int rooted_file(int root, const char *path)
{
	int found = rooted_find(root, path), fd, why;

	if (found < 0)
		return -1;
	fd = reopen(found);
	why = errno;
	close(found);
	errno = why;
	return fd;
}

bool rooted_exists(int root, const char *path)
{
	int fd = rooted_find(root, path);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
