// SPDX-License-Identifier: BSD-2-Clause
// The file system that mklanyard sees when lanyardd runs it: programs and libraries of this
// machine, the root tree, its own programs, all of them read-only, a small /tmp, and a directory
// for its output. Nothing else of this machine is there: neither other files nor networks or
// processes.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct build_room {
	const char *tree; // absolute
	const char
		*programs[2]; // the directories of mklanyard and of init, absolute, maybe the same
	const char *output;   // a directory, writable for the program; in the room it is /out
};

// A process, as fork(2): 0 in the child. With namespaces of its own if `apart`, which needs rights
// that a container may not have: then -1 and EPERM.
pid_t build_room_fork(bool apart);
// In the child, with `apart`: moves into the room. `tree` is then the tree's path in it. False and
// errno where the kernel refuses; the process is as good as lost then.
bool build_room_enter(const struct build_room *r, const char **tree);
