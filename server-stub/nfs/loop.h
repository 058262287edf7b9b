// SPDX-License-Identifier: BSD-2-Clause
// The thread that moves bytes: accepts, reads records, sends what workers could not send at once,
// and closes connections that only take up room.
#pragma once

#include "server-stub/nfs/workers.h"

#include <sys/socket.h>

enum {
	LOOP_CONNECTIONS_MAX = 1024,
	LOOP_SILENT_MS = 30 * 1000,  // without a first record
	LOOP_PARTIAL_MS = 60 * 1000, // in the middle of a record
	LOOP_LISTENERS_MAX = 16,
};

struct loop {
	struct nfs_files *files;
	struct workers *workers;
	int epoll, wake; // an eventfd; readable: end
	int portmap_udp;
	int listeners[LOOP_LISTENERS_MAX];
	size_t listener_count;
	bool (*admit)(void *context, const struct sockaddr *peer);
	void *context;
	struct connection *connections;
	size_t connection_count;
	bool knocking; // somebody waits at a listener
	uint64_t swept;
};

// False and errno.
bool loop_start(struct loop *l);
// Runs until something is written to `wake`; then all connections are closed.
void loop_run(struct loop *l);
void loop_close(struct loop *l);
