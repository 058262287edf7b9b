// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the HTTP client (http_client.c, http_answer.c) know of each other. Not for others.
#pragma once

#include "netstack/http_client.h"

// The stream is aborted.
void http_drop(struct http_client *c, uint64_t now);
// The answer has been read to its end: the connection is kept if it can be.
void http_let_go(struct http_client *c, uint64_t now);
void http_end(struct http_client *c, enum machine_status status);
// c->fault is set.
void http_fail(struct http_client *c, uint64_t now);
void http_fail_protocol(struct http_client *c, const char *what, uint64_t now);
// Finds host and port in c->url. False if it is no URL for us.
bool http_use_url(struct http_client *c);
// Whether the present request is for what is missing only.
bool http_partial(const struct http_client *c);
// Once more, over another stream.
void http_reconnect(struct http_client *c, uint64_t now);
// The next request, to the place that c->url names now; over the same stream if it can be.
void http_ask_again(struct http_client *c, bool same_server, uint64_t now);

// Bytes of c->stream are taken from now on.
void http_consume(struct http_client *c);
// All of an answer that is not the file has been read, or what is left is not worth reading.
void http_finish_skipping(struct http_client *c, uint64_t now);
// The file is complete.
void http_done(struct http_client *c, uint64_t now);
