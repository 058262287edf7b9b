// SPDX-License-Identifier: BSD-2-Clause
// HTTP/1.1 client machine: one file by GET, or only its size by HEAD, over streams that its owner
// supplies (RFC 9110, 9112).
//
// It asks for a stream to c->host and c->port while http_client_wants_stream says so: at first, after
// a redirection to another server, and when a connection that was used before has turned out to be
// closed, or is being closed (408). The owner connects and attaches it. When the machine has ended,
// c->stream is the connection to be used again, or NULL; a stream that it does not need any more it has
// aborted.
//
// Rules it keeps: at most 5 redirections, to http only; 1xx answers are skipped; the content of error
// answers is read to its end where it is short, so that the connection can be kept; a body with
// Content-Length goes to its place in the sink even when packets come out of order (but not before its
// first bytes, which some sinks need first); chunked bodies and those that end with the connection are
// taken in order; a server that sends less than 4 KiB in 30 s fails (the stream's own patience is for
// silence).
//
// A transfer that broke off leaves a mark: what has been received in order, the file's size, entity tag
// and date. Started with this mark, the machine asks for the rest. The rest is taken only if what the
// server says of the file agrees with the mark; else the file is begun again (begun_again).
//
// A piece of a file, from what the mark says to `until`, goes into a sink that somebody else begins
// and commits: the machine that loads the whole file, which may end (http_client_enough) as soon as
// others have brought what it has not. An answer that is not this very piece of this file fails.
#pragma once

#include "netstack/base/machine.h"
#include "netstack/sink.h"
#include "netstack/stream.h"
#include "netstack/wire/http.h"
#include "netstack/wire/url.h"

enum {
	HTTP_PORT = 80,
	HTTP_URL = 640,          // longest URL with its NUL
	HTTP_HEAD_MAX = 8192,    // bytes of an answer's head
	HTTP_TAG = 128,          // longest entity tag or date kept, with its NUL
};

struct http_mark {
	uint64_t received; // bytes in order
	uint64_t size;     // SINK_SIZE_UNKNOWN where not told
	char tag[HTTP_TAG], date[HTTP_TAG]; // "" where not told, and for a weak tag
};

struct http_client_config {
	const char *url;              // http://...; copied
	struct sink *sink;            // NULL with size_only
	bool size_only;
	const struct http_mark *mark; // copied; NULL: from the beginning
	uint64_t until;               // with `mark`: only a piece of the file is wanted, up to before this
	                              // byte; 0: all of it
	bool other_server;            // the mark was left by another server: its tag means nothing here
};

enum http_client_state { HTTP_CONNECTING, HTTP_WAITING, HTTP_READING, HTTP_SKIPPING, HTTP_ENDED };

struct http_client {
	struct http_client_config cfg;
	enum machine_status status;
	struct fault fault;
	enum http_client_state state;
	char url[HTTP_URL];
	struct text_view host;     // of url
	uint16_t port;
	struct stream *stream;     // NULL: none
	bool used_before;          // the stream has already carried an exchange
	bool asked;                // the request has been written
	bool fresh;                // asks from the beginning whatever the mark says
	bool again;                // after the answer being skipped it asks once more
	bool begun_again;          // there was a mark, and what the server has did not agree with it
	struct http_mark mark;     // so far; size: also the result
	struct http_response response; // views into `head`
	struct http_chunks chunks;
	uint64_t left;             // bytes of the body still to come (HTTP_BODY_LENGTH)
	uint32_t skipped;
	unsigned redirections, provisional;
	uint32_t retry_after;      // s, of a server that is busy; 0: it did not say
	uint64_t heard;            // bytes since `since`
	uint64_t since;            // ms
	size_t head_length, head_line; // bytes there; state of http_head_end
	uint8_t head[HTTP_HEAD_MAX];
};

void http_client_start(struct http_client *c, const struct http_client_config *cfg, uint64_t now);
bool http_client_wants_stream(const struct http_client *c);
// `used_before`: it has carried an exchange already.
void http_client_attach(struct http_client *c, struct stream *stream, bool used_before, uint64_t now);
// The stream that is wanted cannot be had.
void http_client_unreachable(struct http_client *c, const struct fault *why);
// All of the file is in the sink: others have brought what is missing. It is committed.
void http_client_enough(struct http_client *c, uint64_t now);
// Looks at the stream's state and at the time.
void http_client_step(struct http_client *c, uint64_t now);
uint64_t http_client_deadline(const struct http_client *c);
enum machine_status http_client_status(const struct http_client *c);
