// SPDX-License-Identifier: BSD-2-Clause
// HTTP/1.1 as a client speaks it (RFC 9110, 9112): the request, the head of a response, chunks.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/text.h"

enum http_method { HTTP_GET, HTTP_HEAD };

struct http_request {
	enum http_method method;
	struct text_view host; // without port
	uint16_t port;         // 0: HTTP's own, not named
	struct text_view path; // with its query; empty: "/"
	uint64_t from;         // first byte wanted; 0: the whole, without a range
	uint64_t until;        // with `from`: the first byte that is not wanted any more; 0: the rest
	const char *if_range;  // with `from`: an entity tag or a date; "": a range without a condition
};

// Writes the head of a request.
void http_write_request(struct writer *w, const struct http_request *request);

enum http_body {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH,  // `length` bytes
	HTTP_BODY_CHUNKED,
	HTTP_BODY_CLOSE,   // until the connection is closed
};

#define HTTP_UNKNOWN UINT64_MAX

// Views into the head. Numbers are below 2^63.
struct http_response {
	unsigned status;
	enum http_body body;
	uint64_t length;          // Content-Length, HTTP_UNKNOWN where absent (also of a HEAD)
	bool keep;                // the connection may be used again
	bool ranged;              // a Content-Range with the next two
	uint64_t first, last, total; // its first and last byte, and the file's size (HTTP_UNKNOWN: "*")
	uint32_t retry_after;     // seconds; 0: absent, or a date
	struct text_view reason, etag, last_modified, location, content_type;
	const char *wrong;        // of a refused head: what is wrong with it
};

// Looks for the empty line that ends a head, in bytes that may come piece by piece. *line is the state
// in between: HTTP_HEAD_START at first. Gives the number of bytes up to the end, 0 if it is not there yet.
enum { HTTP_HEAD_START = 1 };
size_t http_head_end(size_t *line, const void *bytes, size_t length);
// The same for bytes from the start on: the length of the head.
size_t http_head_length(const void *bytes, size_t length);
// Reads a complete head. False with r->wrong for what RFC 9112 does not allow: no status line, a
// Content-Length that is no number below 2^63 or comes twice with different values, a transfer coding
// other than "chunked", a Content-Range that contradicts itself. A text that comes twice is the first.
bool http_read_response(struct http_response *r, const void *head, size_t length,
	enum http_method method);

// The chunked coding (RFC 9112 section 7.1). All zero to begin with.
struct http_chunks {
	unsigned state;
	uint64_t left;   // of the present chunk
	size_t overhead; // bytes of extensions and trailers
	bool done, failed;
};

// Takes bytes of a chunked body, at least one while neither done nor failed. Gives how many; those at
// *data are content, if there are any.
size_t http_chunks_read(struct http_chunks *c, const uint8_t *bytes, size_t length,
	struct text_view *data);
