// SPDX-License-Identifier: BSD-2-Clause
// Getting files by TFTP and HTTP: a table of transfers, each with its own port or connection, stepped
// by the loop.
//
// A transfer that fails for a reason that may pass (silence, a stall, a closed port) is told, tried
// again after a growing delay, and then asked of the next server. What has been received stays:
// HTTP asks for the rest, if the server says that its file is still the same; TFTP has no way to do
// so, passes over it, and compares. Where the file turns out to be another one, that is told, and
// it is begun anew. A clear refusal of the server that is asked first is final.
#pragma once

#include "bootloader/limits.h"
#include "netstack/dns_client.h"
#include "netstack/http_client.h"
#include "netstack/stack.h"
#include "netstack/tcp_client.h"
#include "netstack/tftp_client.h"

enum fetch_protocol { FETCH_TFTP, FETCH_HTTP };

struct fetch_job {
	enum fetch_protocol protocol;
	const char *name;   // for people, as the configuration says it; must stay valid
	const char *file;   // what the server is asked for (HTTP: a path with its query); must stay valid
	const char *host;   // the server's name, to be looked up; "": only `servers`. Must stay valid
	struct ipaddr servers[FETCH_SERVERS]; // in the order of trying, after the host's addresses;
	                    // unset ones are skipped
	uint16_t port;      // 0: the protocol's
	struct sink *sink;  // where the bytes go; NULL: only the size is wanted
	bool quiet;         // show no progress
};

// A connection by HTTP; it is kept for the transfers that follow.
struct fetch_connection {
	bool used;
	struct tcp_client tcp;
	struct ipaddr server;
	uint16_t port;
};

// A connection that helps with a large file (fetch_pieces.c), one piece of it after the other.
struct fetch_helper {
	bool busy;
	struct http_client http;
};

// Looking up a name.
struct fetch_lookup {
	struct stack_socket *socket; // NULL: not running
	struct dns_client dns;
};

struct fetch_name {
	char host[DNS_HOST];
	size_t count; // 0: free
	struct ipaddr addresses[DNS_ADDRESSES];
};

// A server that was given up: it is asked last from then on.
struct fetch_silent {
	enum fetch_protocol protocol;
	uint16_t port;
	struct ipaddr server; // unset: none
};

struct fetch_transfer {
	bool used;
	struct fetch_job job;
	enum machine_status status;
	struct fault fault;
	uint64_t size;           // once done; SINK_SIZE_UNKNOWN if only asked for and not told
	size_t server;           // index in job.servers
	size_t named;            // so many of them, from the first on, are job.host
	unsigned tries;          // on this server
	bool turned;             // from a server that was given up: a refusal of the next is not final
	bool looking;            // for job.host
	bool resting;            // until `again`
	uint64_t again;          // ms
	uint64_t started, draw;  // ms: begin of this try, next drawing
	uint64_t received, expected; // bytes, for the progress line
	uint32_t retry_after;    // s that a server has asked for
	struct stack *stack;
	struct fetch_lookup lookup;

	struct stack_socket *socket;
	struct tftp_client tftp;
	struct endpoint to;      // of the packet that the device had no room for
	size_t waiting;          // its length, 0: none
	uint64_t waiting_since;  // ms
	uint32_t restarts;       // of the machine, as far as told
	uint8_t packet[FETCH_PACKET];

	struct http_client http;
	struct fetch_connection *connection;
	struct http_mark mark;   // what is there: of the latest try that received anything
	size_t mark_server;      // index of who sent that (HTTP)
	bool told;               // how this try goes on with what is there
	struct fetch_helper helpers[FETCH_HELPERS];
	bool alone;              // they take no more pieces: one has failed
	uint64_t claimed;        // from here on the file is theirs; 0: there are none
	uint64_t missed;         // up to here, at least, the first connection has to come all the same
};

struct fetch {
	struct stack *stack;
	struct random *random;
	uint16_t blksize; // 0: the machine's default
	uint16_t ahead;   // ACKs ahead of their blocks: halved after a loss (netstack/tftp_client.h)
	struct tftp_path path;   // how large windows may be
	struct ipaddr dns[DNS_SERVERS];
	const char *domain; // of names without a dot
	struct fetch_name names[FETCH_NAMES]; // found so far
	unsigned oldest_name;
	struct fetch_silent silent;
	struct fetch_transfer transfers[FETCH_SLOTS];
	struct fetch_connection connections[FETCH_SLOTS + FETCH_HELPERS];
};

void fetch_init(struct fetch *f, struct stack *stack, struct random *random);
// Remembers where a host is: it will not be looked up.
void fetch_know(struct fetch *f, const char *host, const struct ipaddr *addresses, size_t count);
// The addresses of a host that has been looked up; gives their number, 0 if it is not known.
size_t fetch_host_addresses(struct fetch *f, const char *host, struct ipaddr addresses[DNS_ADDRESSES]);
// Begins a transfer; NULL if all slots are in use. The transfer is the table's; when it has ended,
// give it back with fetch_free.
struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_job *job, uint64_t now);
void fetch_free(struct fetch_transfer *t);
// Sends what is due, begins again what has rested, draws progress.
void fetch_step(struct fetch *f, uint64_t now);
uint64_t fetch_deadline(const struct fetch *f);
// Closes the connections that are kept, before the card is given away.
void fetch_close(struct fetch *f, uint64_t now);
// The server refused this file, so that looking for another one makes sense.
bool fetch_refused(const struct fault *fault);
// The server was not heard, or not to the end: asking it again may help.
bool fetch_may_pass(const struct fault *fault);
