// SPDX-License-Identifier: BSD-2-Clause
// What each process of lanyardd gives up before it meets input from others. Everything that limits
// a process has its place here.
//
//   net      another user, no capability, no new privileges; paths lead nowhere, so it reaches what it
//            was given opened: files, and what lies in directories
//   nfs      user 0 with the capabilities that nfs/server.h names
//   builder  as net, with limits on memory, time and files; build_room.h gives it a file system
//            of its own
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sandbox_user {
	uid_t uid;
	gid_t gid;
	const char *name;
};

// The user 'lanyard' where there is one, else 'nobody'. False: neither exists.
bool sandbox_find_user(struct sandbox_user *u);
// Closes every descriptor from 3 on that is not in `kept` (-1 is ignored there) and puts the
// signals back as a new process has them.
void sandbox_begin(const int *kept, size_t count);
// Ends this process by SIGTERM when its parent ends. A change of rights takes this back, so it
// comes after one.
void sandbox_tie(pid_t parent);
// False and errno. They hold for threads that are made later, too.
bool sandbox_net(const struct sandbox_user *u);
bool sandbox_nfs(void);
bool sandbox_builder(const struct sandbox_user *u);
// Paths lead nowhere from here on: the root is a directory that was made in `place` and removed. Open
// directories still lead into their file systems, with the rights that the process has left. Needs user 0,
// so it comes before sandbox_net. False and errno: the root is what it was.
bool sandbox_no_files(const char *place);
// From here on system calls that no server of files has a use for fail with EPERM: programs and other
// processes, mounts, namespaces, kernel modules, keys, the clock, debugging. For net and nfs, as their last
// step. False and errno.
bool sandbox_few_calls(void);
