// SPDX-License-Identifier: BSD-2-Clause
// What the supervisor tells the net child while it runs, each with a descriptor where it names a
// file (SCM_RIGHTS), over a socket that keeps messages apart.
#pragma once

#include "server-stub/sources.h"

enum message_kind {
	MESSAGE_ROOT = 1,  // a directory of files, before all others
	MESSAGE_DIRECTORY, // a directory under the name `name`
	MESSAGE_FILE,      // a file, under the name `name`
	MESSAGE_SEGMENTS,  // how the file `name`, an initramfs, can be cut
	MESSAGE_REMOVE,    // no such file any more
	MESSAGE_BOOT,     // from now on machines boot the kernel `name` with the initramfs `second`
	MESSAGE_HARDWARE, // hardware addresses or MTUs may have changed
	MESSAGE_READY,    // from the net child: it serves
};

struct message {
	enum message_kind kind;
	char name[SOURCE_NAME], second[SOURCE_NAME];
};

// A pair of sockets; false and errno.
bool message_pair(int pair[2]);
// `fd` stays the caller's; -1: none. False and errno; never waits.
bool message_send(int socket, enum message_kind kind, const char *name, const char *second, int fd);
// `fd` is the caller's from then on, -1: none came. False with errno EAGAIN where nothing is there,
// 0 where the other end is gone.
bool message_receive(int socket, struct message *m, int *fd);
