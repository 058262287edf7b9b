// SPDX-License-Identifier: BSD-2-Clause
// What is to be seen is cloned first, without a place (open_tree(2)); then a new root is made over
// the output directory, of which the clones already exist, and they are moved to their places.
#define _GNU_SOURCE
#include "server-stub/build_room.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct mount_attr read_only = {
	.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
static const struct mount_attr data_only = {
	.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
static const struct mount_attr writable = {
	.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
static const struct mount_attr device = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};

static const char *const system_places[] = {"usr", "bin", "sbin", "lib", "lib32", "lib64"};

enum { SYSTEM_PLACES = sizeof system_places / sizeof *system_places, ROOM_PATH = 4096 };

struct clones {
	int system[SYSTEM_PLACES];
	char links[SYSTEM_PLACES][64]; // where the machine has a link, "" elsewhere
	int tree, programs[2], output, null;
};

pid_t build_room_fork(bool apart)
{
	unsigned long flags =
		CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

	return apart ? (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0) : fork();
}

// ---- what is to be seen ----------------------------------------------------------------------

static int clone_of(const char *path, const struct mount_attr *attributes)
{
	struct mount_attr copy = *attributes;
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd >= 0 &&
		mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &copy, sizeof copy) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool clone_system(struct clones *c)
{
	char path[16];

	for (size_t i = 0; i < SYSTEM_PLACES; i++) {
		ssize_t length;

		snprintf(path, sizeof path, "/%s", system_places[i]);
		length = readlink(path, c->links[i], sizeof c->links[i] - 1);
		c->links[i][length > 0 ? length : 0] = 0;
		c->system[i] = -1;
		if (length > 0 || access(path, F_OK) < 0)
			continue;
		c->system[i] = clone_of(path, &read_only);
		if (c->system[i] < 0)
			return false;
	}
	return true;
}

static bool clone_all(struct clones *c, const struct build_room *r)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !clone_system(c))
		return false;
	c->tree = clone_of(r->tree, &data_only);
	c->programs[0] = clone_of(r->programs[0], &read_only);
	c->programs[1] = clone_of(r->programs[1], &read_only);
	c->output = clone_of(r->output, &writable);
	c->null = clone_of("/dev/null", &device);
	return c->tree >= 0 && c->programs[0] >= 0 && c->programs[1] >= 0 && c->output >= 0 &&
	       c->null >= 0;
}

// ---- the new root: the current directory -----------------------------------------------------

static bool place(int clone, const char *path)
{
	return move_mount(clone, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

// The directory `path` (without its first '/') with all above it. False: it was there already, or
// cannot be made.
static bool make_path(const char *path)
{
	char part[ROOM_PATH];
	bool made = false;

	for (const char *p = path; *p; p++) {
		size_t length = (size_t)(p - path) + 1;

		if ((p[1] && p[1] != '/') || length >= sizeof part)
			continue;
		memcpy(part, path, length);
		part[length] = 0;
		made = mkdir(part, 0755) == 0;
	}
	return made;
}

static bool place_system(const struct clones *c)
{
	for (size_t i = 0; i < SYSTEM_PLACES; i++) {
		const char *name = system_places[i];

		if (c->links[i][0] && symlink(c->links[i], name) < 0)
			return false;
		if (c->system[i] >= 0 && (mkdir(name, 0755) < 0 || !place(c->system[i], name)))
			return false;
	}
	return true;
}

static bool place_scratch(const struct clones *c)
{
	int null = -1;

	if (mkdir("tmp", 0755) < 0 || mkdir("proc", 0755) < 0 || mkdir("dev", 0755) < 0 ||
		mkdir("out", 0755) < 0)
		return false;
	null = open("dev/null", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (null >= 0)
		close(null);
	return mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=256m") == 0 &&
	       mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 &&
	       place(c->null, "dev/null") && place(c->output, "out");
}

// Each at its own path, so that messages name what the administrator knows. Where something is
// already, the programs are part of it (/usr), and the tree goes elsewhere.
static bool place_ours(const struct clones *c, const struct build_room *r, const char **tree)
{
	for (int i = 0; i < 2; i++)
		if (make_path(r->programs[i] + 1) && !place(c->programs[i], r->programs[i] + 1))
			return false;
	*tree = r->tree;
	if (r->tree[1] && make_path(r->tree + 1))
		return place(c->tree, r->tree + 1);
	*tree = "/tree";
	return mkdir("tree", 0755) == 0 && place(c->tree, "tree");
}

static bool close_room(void)
{
	struct mount_attr attributes = read_only;

	return mount_setattr(AT_FDCWD, ".", 0, &attributes, sizeof attributes) == 0 &&
	       syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
	       chdir("/") == 0;
}

bool build_room_enter(const struct build_room *r, const char **tree)
{
	struct clones c;

	return clone_all(&c, r) &&
	       mount("tmpfs", r->output, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") == 0 &&
	       chdir(r->output) == 0 && place_system(&c) && place_scratch(&c) &&
	       place_ours(&c, r, tree) && close_room();
}
