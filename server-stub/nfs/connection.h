// SPDX-License-Identifier: BSD-2-Clause
// A client's TCP connection: the record that is arriving, calls that are being executed, replies
// that wait. Made, read from and closed by the loop's thread; workers answer on it. It lives until
// the loop has closed it and the last call that came on it is answered.
#pragma once

#include "server-stub/machine/rpc_record.h"
#include "server-stub/nfs/dispatch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONNECTION_RECORD_MAX = (1 << 20) + 4096, // a WRITE of NFS3_DATA_MAX with its headers
	CONNECTION_CALLS_MAX = 16,                // executed at once; more have to wait
	CONNECTION_QUEUE_MAX = 4 << 20,           // bytes of replies that wait
};

struct connection_reply;

struct connection {
	// The loop's.
	int fd, epoll;
	struct connection *next, **self; // its list
	uint8_t peer[DISPATCH_PEER];
	struct rpc_record record;
	uint8_t *in;
	size_t in_length, in_size;
	uint8_t *rest; // read, but not yet looked at: too many calls came before it
	size_t rest_length;
	uint64_t active; // ms: when something last arrived
	bool spoke;      // a whole record has come

	pthread_mutex_t lock; // for what follows
	struct connection_reply *first, **last;
	size_t queued; // bytes
	unsigned calls;
	uint32_t events; // what epoll was told
	bool broken;     // to be closed by the loop
	atomic_uint users;
};

// Of all connections: bytes of records that are arriving or being executed, and of replies that
// wait. Beyond a limit the connection that wants more is closed; its client connects and asks
// again.
extern atomic_size_t connection_held, connection_queued;

// NULL without memory; the descriptor stays the caller's then.
struct connection *connection_new(int fd, int epoll, uint64_t now);
// Closes the socket; who still executes a call of it answers into the void.
void connection_shut(struct connection *c);

// What arrived, or still waits to be looked at: complete records go to `take` (theirs from then on,
// malloc'ed). False: close it.
bool connection_read(struct connection *c, uint64_t now,
	void (*take)(void *context, struct connection *c, uint8_t *record, size_t length),
	void *context);
// The socket takes bytes again. False: close it.
bool connection_write(struct connection *c);
// Whether connection_read has something to do without new bytes.
bool connection_waits(struct connection *c);
// A worker's answer (malloc'ed, may be NULL) to a call whose record was `held` bytes long.
void connection_answer(
	struct connection *c, uint8_t *reply, size_t length, size_t held, bool broken);
