// SPDX-License-Identifier: BSD-2-Clause
// /proc/net/{tcp,udp}[6] name a socket's inode, /proc/PID/fd who has it.
#define _GNU_SOURCE
#include "server-stub/ports.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP_LISTENS = 0x0a };

// "  0: 00000000:0801 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 14893 ..."
static unsigned long inode_in(const char *table, bool tcp, uint16_t port)
{
	unsigned local, state;
	unsigned long inode, found = 0;
	char line[512];
	FILE *f = fopen(table, "re");

	while (f && !found && fgets(line, sizeof line, f))
		if (sscanf(line, " %*d: %*[^:]:%x %*[^:]:%*x %x %*s %*s %*s %*u %*u %lu", &local,
			    &state, &inode) == 3 &&
			local == port && (!tcp || state == TCP_LISTENS))
			found = inode;
	if (f)
		fclose(f);
	return found;
}

static bool has_socket(const char *pid, const char *wanted)
{
	char path[300], target[64];
	bool found = false;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		ssize_t length = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);

		target[length > 0 ? length : 0] = 0;
		found = !strcmp(target, wanted);
	}
	if (d)
		closedir(d);
	return found;
}

static void read_name(const char *pid, struct port_owner *owner)
{
	char path[300];
	FILE *f;

	owner->pid = (pid_t)atoi(pid);
	snprintf(path, sizeof path, "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (!f || !fgets(owner->name, sizeof owner->name, f))
		owner->name[0] = 0;
	owner->name[strcspn(owner->name, "\n")] = 0;
	if (f)
		fclose(f);
}

static void find_process(unsigned long inode, struct port_owner *owner)
{
	char wanted[64];
	struct dirent *e;
	DIR *d = opendir("/proc");

	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	while (d && !owner->pid && (e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && has_socket(e->d_name, wanted))
			read_name(e->d_name, owner);
	if (d)
		closedir(d);
}

bool port_owner(bool tcp, uint16_t port, struct port_owner *owner)
{
	static const char *const tables[2][2] = {
		{"/proc/net/udp", "/proc/net/udp6"}, {"/proc/net/tcp", "/proc/net/tcp6"}};
	unsigned long inode = inode_in(tables[tcp][0], tcp, port);

	*owner = (struct port_owner){0};
	if (!inode)
		inode = inode_in(tables[tcp][1], tcp, port);
	if (inode)
		find_process(inode, owner);
	return inode != 0;
}

const char *port_owner_text(const struct port_owner *owner, char *to, size_t size)
{
	if (owner->pid)
		snprintf(to, size, "%s (process %ld)", owner->name, (long)owner->pid);
	else
		snprintf(to, size, "a process that cannot be seen from here");
	return to;
}
