// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/watch.h"
#include "server-stub/rooted.h"

#include <dirent.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TREE_PATIENCE = 3000, ADDRESS_PATIENCE = 1000 };

static void notice(void *owner, int fd, uint64_t now)
{
	struct watch *w = owner;
	char events[4096];

	while (read(fd, events, sizeof events) > 0)
		continue; // whatever it was, everything is looked at
	events_timer(w->events, &w->quiet, now + w->patience);
}

static void quiet(void *owner, uint64_t now)
{
	struct watch *w = owner;

	(void)now;
	w->changed(w->owner);
}

static bool begin(struct watch *w, int fd, uint64_t patience)
{
	w->source = (struct event_source){.fd = fd, .readable = notice, .owner = w};
	w->quiet = (struct event_timer){.expired = quiet, .owner = w};
	w->patience = patience;
	return fd >= 0 && events_watch(w->events, &w->source);
}

void watch_end(struct watch *w)
{
	events_unwatch(w->events, &w->source);
	events_timer(w->events, &w->quiet, UINT64_MAX);
	close(w->source.fd);
}

// ---- the tree --------------------------------------------------------------------------------

bool watch_tree(struct watch *w)
{
	return begin(w, inotify_init1(IN_NONBLOCK | IN_CLOEXEC), TREE_PATIENCE);
}

static void add(struct watch *w, int directory)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", directory);
	inotify_add_watch(w->source.fd, self,
		IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB);
}

// The directory of all versions, and that of each.
static void add_modules(struct watch *w, int modules)
{
	struct dirent *e;
	DIR *d;

	add(w, modules);
	d = fdopendir(dup(modules));
	while (d && (e = readdir(d))) {
		int fd = e->d_name[0] == '.' ? -1 : rooted_directory(modules, e->d_name);

		if (fd >= 0) {
			add(w, fd);
			close(fd);
		}
	}
	if (d)
		closedir(d);
}

void watch_tree_again(struct watch *w, int root)
{
	static const char *const places[] = {"lib/modules", "usr/lib/modules"};
	int fd = rooted_directory(root, "boot");

	if (fd >= 0) {
		add(w, fd);
		close(fd);
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		fd = rooted_directory(root, places[i]);
		if (fd < 0)
			continue;
		add_modules(w, fd);
		close(fd);
	}
}

// ---- addresses -------------------------------------------------------------------------------

bool watch_addresses(struct watch *w)
{
	struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&groups, sizeof groups) < 0)
		return false;
	return begin(w, fd, ADDRESS_PATIENCE);
}
