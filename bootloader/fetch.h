// SPDX-License-Identifier: BSD-2-Clause
// Getting files: a table of transfers, each with its own port, stepped by the loop.
//
// A transfer that fails for a reason that may pass (silence, a stall, a closed port) is told, tried
// again after a growing delay, and then asked of the next server. A server's clear refusal is final.
#pragma once

#include "bootloader/limits.h"
#include "netstack/stack.h"
#include "netstack/tftp_client.h"

struct fetch_job {
	const char *name;   // for people, as the configuration says it; must stay valid
	const char *file;   // what the server is asked for; must stay valid
	struct ipaddr servers[FETCH_SERVERS]; // in the order of trying; unset ones are skipped
	uint16_t port;      // 0: TFTP's
	struct sink *sink;  // where the bytes go; NULL: only the size is wanted
	bool quiet;         // show no progress
};

struct fetch_transfer {
	bool used;
	struct fetch_job job;
	enum machine_status status;
	struct fault fault;
	uint64_t size;           // once done; SINK_SIZE_UNKNOWN if only asked for and not told
	size_t server;           // index in job.servers
	unsigned tries;          // on this server
	bool resting;            // until `again`
	uint64_t again;          // ms
	uint64_t started, draw;  // ms: begin of this try, next drawing
	struct stack *stack;
	struct stack_socket *socket;
	struct tftp_client tftp;
	struct endpoint to;      // of the packet that the device had no room for
	size_t waiting;          // its length, 0: none
	uint64_t waiting_since;  // ms
	uint32_t restarts;       // of the machine, as far as told
	uint8_t packet[FETCH_PACKET];
};

struct fetch {
	struct stack *stack;
	struct random *random;
	uint16_t blksize; // 0: the machine's default
	uint16_t ahead;   // ACKs ahead of their blocks: halved after a loss (netstack/tftp_client.h)
	struct fetch_transfer transfers[FETCH_SLOTS];
};

void fetch_init(struct fetch *f, struct stack *stack, struct random *random);
// Begins a transfer; NULL if all slots are in use. The transfer is the table's; when it has ended,
// give it back with fetch_free.
struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_job *job, uint64_t now);
void fetch_free(struct fetch_transfer *t);
// Sends what is due, begins again what has rested, draws progress.
void fetch_step(struct fetch *f, uint64_t now);
uint64_t fetch_deadline(const struct fetch *f);
// The server refused this file, so that looking for another one makes sense.
bool fetch_refused(const struct fault *fault);
// The server was not heard, or not to the end: asking it again may help.
bool fetch_may_pass(const struct fault *fault);
