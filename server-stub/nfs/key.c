// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/nfs/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool complain(char *error, size_t size, const char *state, const char *what)
{
	snprintf(error, size, "%s/nfs.key: %s", state, what);
	return false;
}

// 1: read; 0: there is none; -1: there is something else.
static int read_key(int directory, uint8_t key[FILES_KEY])
{
	uint8_t bytes[FILES_KEY + 1];
	int fd = openat(directory, "nfs.key", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	length = read(fd, bytes, sizeof bytes);
	close(fd);
	if (length != FILES_KEY) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(key, bytes, FILES_KEY);
	return 1;
}

// Written aside, then linked: there is never a half key, and of two servers one wins.
static bool make_key(int directory)
{
	uint8_t key[FILES_KEY];
	char name[32];
	int fd;
	bool good;

	randombytes_buf(key, sizeof key);
	snprintf(name, sizeof name, "nfs.key.%ld", (long)getpid());
	unlinkat(directory, name, 0);
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
	close(fd);
	good = good && (linkat(directory, name, directory, "nfs.key", 0) == 0 || errno == EEXIST);
	unlinkat(directory, name, 0);
	return good && fsync(directory) == 0;
}

bool key_load(const char *state, uint8_t key[FILES_KEY], char *error, size_t size)
{
	int directory, found;

	if (!state) {
		randombytes_buf(key, FILES_KEY);
		return true;
	}
	directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return complain(error, size, state, strerror(errno));
	found = read_key(directory, key);
	if (found == 0 && make_key(directory))
		found = read_key(directory, key);
	close(directory);
	if (found <= 0 && errno == EBADMSG)
		return complain(error, size, state,
			"not a key (16 bytes); remove it, and clients have to mount again");
	return found > 0 || complain(error, size, state, strerror(errno));
}
