// SPDX-License-Identifier: BSD-2-Clause
// Threads that execute calls. Each has a file mode mask of its own (none) and changes its rights at
// the file system from call to call.
#pragma once

#include "server-stub/nfs/connection.h"
#include "server-stub/nfs/files.h"

struct job {
	struct job *next;
	struct connection *connection;
	uint8_t *record; // malloc'ed
	size_t length;
};

struct workers {
	struct nfs_files *files;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last;
	bool ending;
	unsigned count;
	pthread_t *threads;
};

// False: no thread could be started.
bool workers_start(struct workers *w, struct nfs_files *files, unsigned count);
// What is queued is executed first.
void workers_stop(struct workers *w);
// A record becomes the workers'. Without memory it is not answered: the client asks again.
void workers_add(struct workers *w, struct connection *c, uint8_t *record, size_t length);
