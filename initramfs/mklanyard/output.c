// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, const struct buffer *image)
{
	for (size_t done = 0; done < image->length;) {
		ssize_t put = write(fd, image->bytes + done, image->length - done);

		if (put < 0 && errno != EINTR)
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}

static bool write_into(const char *path, const struct buffer *image)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write_all(fd, image);

	if (fd >= 0 && close(fd) < 0)
		good = false;
	return good;
}

static bool replace(const char *path, const struct buffer *image)
{
	char temporary[PATH_MAX];
	bool good;
	int fd;

	errno = ENAMETOOLONG;
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return false;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	good = write_all(fd, image) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(temporary, path) == 0;
	if (!good) {
		int why = errno;

		unlink(temporary);
		errno = why;
	}
	return good;
}

bool output_write(const char *path, const struct buffer *image, struct fault *f)
{
	char real[PATH_MAX];
	struct stat st;
	bool good;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		good = write_into(path, image);
	else
		good = replace(realpath(path, real) ? real : path, image);
	return good || fault_set(f, FAULT_IMAGE_WRITE, "('%s': %s)", path, strerror(errno));
}
