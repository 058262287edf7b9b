// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/image_store.h"
#include "server-stub/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- directories -----------------------------------------------------------------------------

static int make_directory(int at, const char *name)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// The last part of the path is made, those above it have to be there.
static int open_state(const char *state)
{
	if (mkdir(state, 0755) < 0 && errno != EEXIST)
		return -1;
	return open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool open_all(struct image_store *s, const char *state, const struct sandbox_user *user)
{
	char real[64];
	int fd = open_state(state);
	ssize_t length = -1;

	if (fd >= 0)
		s->images = make_directory(fd, "images");
	if (s->images >= 0)
		s->work_fd = make_directory(s->images, "work");
	if (fd >= 0)
		close(fd);
	snprintf(real, sizeof real, "/proc/self/fd/%d", s->work_fd);
	if (s->work_fd >= 0)
		length = readlink(real, s->work, sizeof s->work - 1);
	s->work[length > 0 ? length : 0] = 0;
	return length > 0 && fchown(s->work_fd, user->uid, user->gid) == 0 &&
	       fchmod(s->work_fd, 0700) == 0;
}

bool image_store_begin(
	struct image_store *s, const char *state, const struct sandbox_user *user, struct fault *f)
{
	s->images = s->work_fd = -1;
	return open_all(s, state, user) ||
	       fault_set(f, FAULT_SERVER_STATE, "(%s: %s)", state, strerror(errno));
}

void image_store_end(struct image_store *s)
{
	if (s->images >= 0)
		close(s->images);
	if (s->work_fd >= 0)
		close(s->work_fd);
}

// Calls `visit` for each name.
static void each(
	int directory, void (*visit)(int directory, const char *name, void *context), void *context)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			visit(directory, e->d_name, context);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

// ---- images ----------------------------------------------------------------------------------

static int open_regular(int directory, const char *name, uid_t uid, uint64_t *size)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == uid && st.st_size > 0) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	close(fd);
	errno = EINVAL;
	return -1;
}

int image_store_open(struct image_store *s, const char *name, uint64_t *size)
{
	return open_regular(s->images, name, 0, size);
}

// NAME.img -> NAME.idx
static void index_name(const char *name, char index[IMAGE_NAME])
{
	size_t length = strlen(name);

	snprintf(index, IMAGE_NAME, "%.*s.idx", (int)(length < 4 ? 0 : length - 4), name);
}

int image_store_open_index(struct image_store *s, const char *name)
{
	char index[IMAGE_NAME];
	uint64_t size;

	index_name(name, index);
	return open_regular(s->images, index, 0, &size);
}

struct search {
	const char *version;
	char *name;
};

// VERSION, a dash, and a fingerprint, which has none.
static void compare(int directory, const char *name, void *context)
{
	struct search *search = context;
	const char *dash = strrchr(name, '-');

	(void)directory;
	if (dash && strstr(dash, ".img") && strlen(name) < IMAGE_NAME &&
		(size_t)(dash - name) == strlen(search->version) &&
		!strncmp(name, search->version, (size_t)(dash - name)))
		strcpy(search->name, name);
}

int image_store_find(struct image_store *s, const char *version, char *name, uint64_t *size)
{
	struct search search = {version, name};

	name[0] = 0;
	each(s->images, compare, &search);
	errno = ENOENT;
	return name[0] ? image_store_open(s, name, size) : -1;
}

static void remove_file(int directory, const char *name, void *context)
{
	(void)context;
	unlinkat(directory, name, 0);
}

// A file, or a directory of files.
static void remove_one(int directory, const char *name, void *context)
{
	int fd;

	if (unlinkat(directory, name, 0) == 0)
		return;
	fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	each(fd, remove_file, context);
	close(fd);
	unlinkat(directory, name, AT_REMOVEDIR);
}

void image_store_sweep(struct image_store *s)
{
	each(s->work_fd, remove_one, NULL);
}

// Makes the file user 0's. It keeps its place.
static bool take(int directory, const char *from, uid_t uid, int *fd, uint64_t *size)
{
	*fd = open_regular(directory, from, uid, size);
	return *fd >= 0 && fchown(*fd, 0, 0) == 0 && fchmod(*fd, 0644) == 0 && fsync(*fd) == 0;
}

// Without an index the image is as good; it goes to all machines as it is.
static void take_index(struct image_store *s, const char *name, uid_t uid)
{
	int parts = openat(s->work_fd, "parts", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char index[IMAGE_NAME];
	uint64_t size;
	int fd = -1;

	index_name(name, index);
	unlinkat(s->images, index, 0);
	if (parts >= 0 && take(parts, "index", uid, &fd, &size))
		renameat(parts, "index", s->images, index);
	if (fd >= 0)
		close(fd);
	if (parts >= 0)
		close(parts);
}

int image_store_take(struct image_store *s, const char *name, uid_t uid, uint64_t *size)
{
	int fd = -1;

	take_index(s, name, uid);
	if (take(s->work_fd, "image", uid, &fd, size) &&
		renameat(s->work_fd, "image", s->images, name) == 0) {
		image_store_sweep(s);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static void remove_other(int directory, const char *name, void *context)
{
	const char *const *kept = context;
	char index[2][IMAGE_NAME];

	for (int i = 0; i < 2; i++) {
		index_name(kept[i], index[i]);
		if (!strcmp(name, kept[i]) || !strcmp(name, index[i]))
			return;
	}
	if (strcmp(name, "work"))
		unlinkat(directory, name, 0);
}

void image_store_clean(struct image_store *s, const char *keep, const char *keep_too)
{
	const char *kept[] = {keep, keep_too};

	each(s->images, remove_other, kept);
}
