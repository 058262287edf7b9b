// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/index.h"
#include "initramfs/mklanyard/depmod.h"
#include "initramfs/mklanyard/trie.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Far beyond any kernel's; a tree that has more is refused.
enum { DEPTH_LIMIT = 16, MODULES_LIMIT = 50000 };

struct mirror {
	const struct index *x;
	const struct tree *t;
	const char *modules; // the tree's directory
	bool whole;          // not only the top: directories are mirrored, not linked
	unsigned count;
};

static bool failed(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_MODULE_INDEX, "(%s: %s)", what, strerror(errno));
}

// `path` below the private directory, with these bytes.
static bool put_file(const struct index *x, const char *path, const struct buffer *bytes)
{
	char full[TREE_PATH];
	FILE *file;
	bool good;

	if (snprintf(full, sizeof full, "%s/%s", x->directory, path) >= (int)sizeof full)
		return false;
	file = fopen(full, "wx");
	if (!file)
		return false;
	good = !bytes->length || fwrite(bytes->bytes, bytes->length, 1, file) == 1;
	return !fclose(file) && good;
}

static bool is_module_name(const char *name)
{
	const char *end = strstr(name, ".ko");

	return end && tree_is_plain(name) &&
	       (!end[3] || !strcmp(end, ".ko.xz") || !strcmp(end, ".ko.zst") ||
		       !strcmp(end, ".ko.gz"));
}

// The module is a link, which followed by others would lead out of the tree: it is copied.
static bool copy_module(const struct mirror *m, const char *path)
{
	char source[TREE_PATH];
	struct buffer content = {0};
	struct fault ignored; // a dangling link is as good as no module
	bool good = true;

	if (snprintf(source, sizeof source, "%s/%s", m->modules, path) < (int)sizeof source &&
		tree_read(m->t, source, TREE_MODULE_LIMIT, &content, &ignored))
		good = put_file(m->x, path, &content);
	buffer_free(&content);
	return good;
}

static bool link_entry(const struct mirror *m, const char *path)
{
	char to[TREE_PATH], from[TREE_PATH];

	if (snprintf(from, sizeof from, "%s/%s", m->x->directory, path) >= (int)sizeof from ||
		snprintf(to, sizeof to, "/proc/self/fd/%d/%s", m->x->tree_fd, path) >=
			(int)sizeof to)
		return false;
	return symlink(to, from) == 0;
}

static bool mirror_directory(struct mirror *m, int fd, const char *path, unsigned depth);

static bool mirror_entry(
	struct mirror *m, int parent, const char *path, const char *name, unsigned depth)
{
	char full[TREE_PATH];
	struct stat st;
	int fd;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	if (S_ISDIR(st.st_mode) && !m->whole)
		return link_entry(m, path);
	if (S_ISDIR(st.st_mode)) {
		if (snprintf(full, sizeof full, "%s/%s", m->x->directory, path) >= (int)sizeof full)
			return false;
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return mkdir(full, 0700) == 0 && fd >= 0 &&
		       mirror_directory(m, fd, path, depth + 1);
	}
	if (!is_module_name(name))
		return true;
	errno = E2BIG;
	if (++m->count > MODULES_LIMIT)
		return false;
	if (S_ISLNK(st.st_mode))
		return copy_module(m, path);
	return !S_ISREG(st.st_mode) || link_entry(m, path);
}

// Mirrors what the directory `fd` (closed here) holds; `path` is its place, "" for the top.
static bool mirror_directory(struct mirror *m, int fd, const char *path, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	char child[TREE_PATH];
	bool good = dir != NULL;

	if (!dir)
		close(fd);
	while (good && depth < DEPTH_LIMIT && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !tree_is_plain(entry->d_name))
			continue;
		if (snprintf(child, sizeof child, "%s%s%s", path, *path ? "/" : "", entry->d_name) <
			TREE_PATH / 4)
			good = mirror_entry(m, dirfd(dir), child, entry->d_name, depth);
	}
	if (dir)
		closedir(dir);
	return good;
}

// Copies the tree's index file of that name, if there is one and it is sound.
static bool copy_index(const struct mirror *m, const char *name)
{
	char source[TREE_PATH];
	struct buffer content = {0};
	struct fault ignored;
	bool good;

	snprintf(source, sizeof source, "%s/%s", m->modules, name);
	good = tree_read(m->t, source, TREE_INDEX_LIMIT, &content, &ignored) &&
	       trie_is_sound(content.bytes, content.length) && put_file(m->x, name, &content);
	buffer_free(&content);
	return good;
}

// Whether the tree's own index could be taken over: all of it or nothing.
static bool take_index(const struct mirror *m)
{
	copy_index(m, "modules.builtin.alias.bin"); // newer than the others, and optional
	return copy_index(m, "modules.dep.bin") && copy_index(m, "modules.alias.bin") &&
	       copy_index(m, "modules.builtin.bin");
}

static bool run_depmod(const struct mirror *m, const char *version, struct fault *f)
{
	static const char *const inputs[] = {
		"modules.order", "modules.builtin", "modules.builtin.modinfo"};

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		char source[TREE_PATH];
		struct buffer content = {0};
		struct fault ignored; // depmod does without, if need be

		snprintf(source, sizeof source, "%s/%s", m->modules, inputs[i]);
		if (tree_read(m->t, source, TREE_INDEX_LIMIT, &content, &ignored) &&
			!put_file(m->x, inputs[i], &content)) {
			buffer_free(&content);
			return failed(f, "cannot copy the tree's lists");
		}
		buffer_free(&content);
	}
	return depmod_run(m->x->top, version, m->x->tree_fd, &m->x->signals, f);
}

// libkmod only asks whether a module's file exists, which it may ask through links. depmod reads
// them all, and would follow whatever links there are: for it, every directory is gone through
// here.
static bool mirror(struct mirror *m)
{
	int fd = fcntl(m->x->tree_fd, F_DUPFD_CLOEXEC, 3);

	return fd >= 0 && mirror_directory(m, fd, "", 0);
}

static bool fill(struct index *x, const struct tree *t, const char *version, const char *modules,
	struct fault *f)
{
	struct mirror m = {.x = x, .t = t, .modules = modules};

	x->tree_fd = tree_open_at(t, modules, O_RDONLY | O_DIRECTORY);
	if (x->tree_fd < 0)
		return failed(f, "cannot open the tree's modules");
	m.whole = !take_index(&m);
	if (!mirror(&m))
		return failed(f, "cannot mirror the tree's modules");
	return !m.whole || run_depmod(&m, version, f);
}

// The directories down to the one for libkmod.
static bool make_directories(struct index *x, const char *version)
{
	const char *tmp = getenv("TMPDIR");
	char path[sizeof x->directory];

	if (snprintf(x->top, sizeof x->top, "%s/mklanyard-XXXXXX", tmp && *tmp ? tmp : "/tmp") >=
			(int)sizeof x->top ||
		!mkdtemp(x->top)) {
		x->top[0] = 0;
		return false;
	}
	snprintf(path, sizeof path, "%s/lib", x->top);
	if (mkdir(path, 0700) < 0)
		return false;
	snprintf(path, sizeof path, "%s/lib/modules", x->top);
	if (mkdir(path, 0700) < 0)
		return false;
	snprintf(x->directory, sizeof x->directory, "%s/lib/modules/%s", x->top, version);
	return mkdir(x->directory, 0700) == 0;
}

bool index_make(struct index *x, const struct tree *t, const char *version, const char *modules,
	struct fault *f)
{
	sigset_t hold;

	*x = (struct index){.tree_fd = -1};
	sigemptyset(&hold);
	sigaddset(&hold, SIGINT);
	sigaddset(&hold, SIGTERM);
	sigaddset(&hold, SIGHUP);
	sigprocmask(SIG_BLOCK, &hold, &x->signals);
	if (!make_directories(x, version))
		failed(f, "cannot make a temporary directory");
	else if (fill(x, t, version, modules, f))
		return true;
	index_remove(x);
	return false;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

void index_remove(struct index *x)
{
	if (x->top[0])
		nftw(x->top, remove_one, DEPTH_LIMIT, FTW_DEPTH | FTW_PHYS);
	if (x->tree_fd >= 0)
		close(x->tree_fd);
	sigprocmask(SIG_SETMASK, &x->signals, NULL);
}
