// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the table of transfers (fetch*.c) know of each other. Not for others.
#pragma once

#include "bootloader/fetch.h"

// How a protocol carries out one try on the server t->server.
struct fetch_method {
	void (*begin)(struct fetch *f, struct fetch_transfer *t, uint64_t now);
	// Moves it on, sets t->received and t->expected; t->fault where it has failed.
	enum machine_status (*step)(struct fetch *f, struct fetch_transfer *t, uint64_t now);
	uint64_t (*deadline)(const struct fetch_transfer *t);
	// Its port or connection is not needed any more.
	void (*end)(struct fetch *f, struct fetch_transfer *t, uint64_t now);
	// What the server was asked for, as it stands in the facts of a fault.
	const char *(*asked)(const struct fetch_transfer *t);
};
extern const struct fetch_method fetch_tftp, fetch_http;

// HTTP: more connections for a file that comes slowly, to the server of t->http. False as long as
// the file is not complete by what they and t->http have brought.
bool fetch_pieces_step(struct fetch *f, struct fetch_transfer *t, uint64_t now);
// Bytes of the file that are there by all of them together.
uint64_t fetch_pieces_received(const struct fetch_transfer *t);
uint64_t fetch_pieces_deadline(const struct fetch_transfer *t);
// They end, with the try that they belong to.
void fetch_pieces_end(struct fetch *f, struct fetch_transfer *t, uint64_t now);
// A stream for that machine to its port on that server: by this connection if it leads there already,
// else by a new one in its place.
void fetch_http_connect(struct fetch *f, struct http_client *http, struct fetch_connection *k,
	const struct ipaddr *server, uint64_t now);
void fetch_http_disconnect(struct fetch *f, struct fetch_connection *k, uint64_t now);

// A try has ended, and the server may have to hear why.
void fetch_tftp_linger(struct fetch_transfer *t, uint64_t now);
// The server that is being asked.
const struct ipaddr *fetch_server(const struct fetch_transfer *t);

// The addresses of a host, whose name is copied: known ones, those that the name spells out, or found by
// DNS. To be called again until it does not say MACHINE_RUNNING any more; false answers are in t->fault.
enum machine_status fetch_look_up(struct fetch *f, struct fetch_transfer *t, const char *host,
	struct ipaddr addresses[DNS_ADDRESSES], size_t *count, uint64_t now);
uint64_t fetch_lookup_deadline(const struct fetch_transfer *t);
void fetch_lookup_end(struct fetch_transfer *t);
// Its addresses were of no use: the next one who asks shall look it up again.
void fetch_forget(struct fetch *f, const char *host);
