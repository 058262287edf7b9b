// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/tree.h"

#include <archive.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DIRECTORY_LIMIT = 20000 }; // names; far beyond any kernel's

bool tree_open(struct tree *t, const char *root, struct fault *f)
{
	t->name = root;
	t->fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0)
		return fault_set(f, FAULT_TREE_READ, "('%s': %s)", root, strerror(errno));
	return true;
}

void tree_close(struct tree *t)
{
	close(t->fd);
}

int tree_open_at(const struct tree *t, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags & O_DIRECTORY ? flags : O_PATH) | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, t->fd, path, &how, sizeof how);
}

// Reads all of an O_PATH descriptor. It is opened for reading only once it is known to be a regular
// file: opening a pipe would wait for ever, and opening a device can do things.
static bool read_all(int path_fd, size_t limit, struct buffer *to)
{
	char self[64];
	struct stat st;
	uint8_t block[65536];
	size_t before = to->length;
	ssize_t got;
	int fd;

	if (fstat(path_fd, &st) < 0)
		return false;
	errno = S_ISDIR(st.st_mode) ? EISDIR : S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > limit)
		return false;
	snprintf(self, sizeof self, "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((got = read(fd, block, sizeof block)) > 0 && to->length - before <= limit)
		buffer_add(to, block, (size_t)got);
	close(fd);
	if (to->length - before > limit)
		errno = EFBIG;
	return got >= 0 && to->length - before <= limit;
}

static bool read_and_close(int fd, const char *root, const char *path, size_t limit,
	struct buffer *to, struct fault *f)
{
	bool good = fd >= 0 && read_all(fd, limit, to);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (!good)
		return fault_set(f, FAULT_TREE_READ, "('%s'%s%s: %s)", path, *root ? " in " : "",
			root, strerror(why));
	return true;
}

bool tree_read(
	const struct tree *t, const char *path, size_t limit, struct buffer *to, struct fault *f)
{
	return read_and_close(tree_open_at(t, path, 0), t->name, path, limit, to, f);
}

bool tree_read_host(const char *path, size_t limit, struct buffer *to, struct fault *f)
{
	return read_and_close(open(path, O_PATH | O_CLOEXEC), "", path, limit, to, f);
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && !strcmp(text + length - tail, end);
}

// What is not packed at all, libarchive would take as it is: one filter is always there.
static bool unpack_open(struct archive *a, const struct buffer *packed)
{
	struct archive_entry *entry;

	return archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	       archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	       archive_read_support_format_raw(a) == ARCHIVE_OK &&
	       archive_read_open_memory(a, packed->bytes, packed->length) == ARCHIVE_OK &&
	       archive_read_next_header(a, &entry) == ARCHIVE_OK && archive_filter_count(a) > 1;
}

static bool unpack(const struct buffer *packed, size_t limit, struct buffer *to)
{
	struct archive *a = archive_read_new();
	size_t before = to->length;
	uint8_t block[65536];
	la_ssize_t got = -1;

	if (a && unpack_open(a, packed))
		while ((got = archive_read_data(a, block, sizeof block)) > 0 &&
			to->length - before + (size_t)got <= limit)
			buffer_add(to, block, (size_t)got);
	archive_read_free(a);
	return got == 0;
}

static bool is_packed(const char *path)
{
	return ends_in(path, ".xz") || ends_in(path, ".zst") || ends_in(path, ".gz");
}

bool tree_read_packed(const struct tree *t, const char *path, size_t limit, struct buffer *to,
	bool *damaged, struct fault *f)
{
	struct buffer packed = {0};
	bool good;

	*damaged = false;
	if (!is_packed(path))
		return tree_read(t, path, limit, to, f);
	good = tree_read(t, path, limit, &packed, f);
	*damaged = good && !unpack(&packed, limit, to);
	buffer_free(&packed);
	return good && !*damaged;
}

bool tree_read_module(const struct tree *t, const char *path, struct buffer *to, struct fault *f)
{
	bool damaged;

	if (!ends_in(path, ".ko") && !(is_packed(path) && strstr(path, ".ko.")))
		return fault_set(f, FAULT_MODULE_BAD,
			"('%s': .ko, .ko.xz, .ko.zst or .ko.gz expected)", path);
	if (tree_read_packed(t, path, TREE_MODULE_LIMIT, to, &damaged, f))
		return true;
	return !damaged ? false : fault_set(f, FAULT_MODULE_BAD, "('%s' cannot be unpacked)", path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(struct tree_names *n, int parent, const char *name)
{
	struct buffer b = {0};
	struct stat st;

	if (name[0] == '.' || !tree_is_plain(name) ||
		fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
		return;
	buffer_format(&b, "%s%s", name, S_ISDIR(st.st_mode) ? "/" : "");
	buffer_add(&b, "", 1);
	n->list = buffer_resize(n->list, n->count + 1, sizeof *n->list);
	n->list[n->count++] = (char *)b.bytes;
}

struct tree_names tree_list(const struct tree *t, const char *path)
{
	int fd = tree_open_at(t, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct tree_names n = {0};
	struct dirent *entry;

	while (dir && n.count < DIRECTORY_LIMIT && (entry = readdir(dir)))
		add_name(&n, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	if (n.count)
		qsort(n.list, n.count, sizeof *n.list, by_name);
	return n;
}

void tree_names_free(struct tree_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->list[i]);
	free(n->list);
	*n = (struct tree_names){0};
}

bool tree_is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return false;
	return *text != 0;
}

static bool is_version(const char *name)
{
	return tree_is_plain(name) && name[0] != '.' && !strchr(name, '/') &&
	       strlen(name) < TREE_VERSION;
}

// Whether the directory holds an installed kernel's modules: depmod and the kernel's own build
// leave these beside them. (A directory left over by a removed kernel has neither.)
static bool has_modules(const struct tree *t, const char *modules)
{
	static const char *const signs[] = {
		"modules.dep", "modules.order", "modules.builtin", "kernel"};
	char path[TREE_PATH];

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		int fd;

		snprintf(path, sizeof path, "%s/%s", modules, signs[i]);
		fd = tree_open_at(t, path, 0);
		if (fd >= 0) {
			close(fd);
			return true;
		}
	}
	return false;
}

static void newest(const struct tree *t, const char *place, char *version)
{
	int fd = tree_open_at(t, place, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char modules[TREE_PATH];

	while (dir && (entry = readdir(dir))) {
		snprintf(modules, sizeof modules, "%s/%s", place, entry->d_name);
		if (is_version(entry->d_name) && strverscmp(entry->d_name, version) > 0 &&
			has_modules(t, modules))
			strcpy(version, entry->d_name);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

bool tree_kernel(
	const struct tree *t, const char *wanted, char *version, char *modules, struct fault *f)
{
	static const char *const places[] = {"lib/modules", "usr/lib/modules"};

	if (wanted && !is_version(wanted))
		return fault_set(f, FAULT_TREE_MODULES, "('%s' is no kernel version)", wanted);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		version[0] = 0;
		if (wanted)
			strcpy(version, wanted);
		else
			newest(t, places[i], version);
		snprintf(modules, TREE_PATH, "%s/%s", places[i], version);
		if (version[0] && has_modules(t, modules))
			return true;
	}
	return fault_set(f, FAULT_TREE_MODULES, "(%s has no lib/modules/%s)", t->name,
		wanted ? wanted : "VERSION");
}
