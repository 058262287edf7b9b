// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EDIT_MOST = 64 << 10, EDIT_MORE = 16 << 10 };

static ssize_t read_all(int fd, char *to, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t got = read(fd, to + length, size - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	return (ssize_t)length;
}

static ssize_t close_after(int fd, ssize_t result)
{
	int error = errno;

	close(fd);
	errno = error;
	return result;
}

ssize_t file_read(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	to[0] = 0;
	if (fd < 0)
		return -1;
	length = read_all(fd, to, size - 1);
	to[length < 0 ? 0 : length] = 0;
	return close_after(fd, length);
}

char *file_load(const char *path, size_t max, size_t *length)
{
	struct stat st;
	char *bytes = NULL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > max)
		errno = EFBIG;
	else
		bytes = malloc((size_t)st.st_size + 1);
	got = bytes ? read_all(fd, bytes, (size_t)st.st_size) : -1;
	close_after(fd, got);
	if (got < 0) {
		free(bytes);
		return NULL;
	}
	bytes[got] = 0;
	*length = (size_t)got;
	return bytes;
}

bool file_edit_begin(struct file_edit *e, const char *path)
{
	size_t length;
	char *copy;

	e->text = file_load(path, EDIT_MOST, &length);
	if (e->text && strlen(e->text) != length) {
		free(e->text);
		e->text = NULL;
		errno = EILSEQ;
	}
	copy = e->text ? malloc(length + EDIT_MORE) : NULL;
	if (!copy) {
		free(e->text);
		return false;
	}
	e->copy = text_of(copy, length + EDIT_MORE);
	return true;
}

void file_edit_end(struct file_edit *e)
{
	free(e->copy.start);
	free(e->text);
}

static bool write_to(const char *path, int flags, const char *bytes, size_t length)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		return false;
	return close_after(fd, write(fd, bytes, length)) == (ssize_t)length;
}

bool file_write(const char *path, const char *bytes, size_t length)
{
	return write_to(path, O_WRONLY | O_CREAT | O_TRUNC, bytes, length);
}

bool file_write_in(const char *directory, const char *name, const char *bytes, size_t length)
{
	char path[PATH_MAX];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "%s/%s", directory, name);
	if (t.cut) {
		errno = ENAMETOOLONG;
		return false;
	}
	return file_make_directories(directory) && file_write(path, bytes, length);
}

bool file_replace(const char *path, const char *bytes, size_t length)
{
	char name[PATH_MAX + 16];
	size_t stem = strlen(path);
	bool good;
	int fd;

	if (stem >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(name, path, stem);
	memcpy(name + stem, ".XXXXXX", sizeof ".XXXXXX");
	fd = mkstemp(name);
	if (fd < 0)
		return false;
	good = write(fd, bytes, length) == (ssize_t)length && fchmod(fd, 0644) == 0;
	if (close(fd) == 0 && good && rename(name, path) == 0)
		return true;
	unlink(name);
	return false;
}

bool file_set(const char *path, const char *value)
{
	return write_to(path, O_WRONLY, value, strlen(value));
}

bool file_make_directories(const char *path)
{
	char part[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof part) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(part, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (part[i] && part[i] != '/')
			continue;
		part[i] = 0;
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return false;
		part[i] = path[i];
	}
	return true;
}
