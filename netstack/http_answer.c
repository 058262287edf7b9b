// SPDX-License-Identifier: BSD-2-Clause
// What the HTTP client machine makes of answers: heads, redirections and errors, and the bodies that are
// the file, whole or the rest of it.
//
// URLs are cut at 110 characters in a fault, so that the other facts find room.
#include "netstack/http_parts.h"
#include "netstack/base/memory.h"

enum {
	REDIRECTIONS_MAX = 5,
	PROVISIONAL_MAX = 8, // 1xx answers
	SKIP_MAX = 65536,    // bytes of an answer's content that are read to keep the connection
	IN_ORDER = 65536,    // bytes that a sink gets in order before any others
};

// ---- answers without the file

static void redirect(struct http_client *c, uint64_t now)
{
	char old[HTTP_URL], reference[HTTP_URL];
	struct text_view location = c->response.location;
	struct text to, from = text_of(reference, sizeof reference);
	struct text_view host;
	uint16_t port = c->port;
	struct url u;
	bool same;

	memcpy(old, c->url, sizeof old);
	to = text_of(c->url, sizeof c->url);
	text_append(&from, location.at, location.length);
	if (from.cut || !url_merge(&to, old, reference) || to.cut || !http_use_url(c)) {
		fault_set(&c->fault, FAULT_HTTP_REDIRECT, "(from \"%.80s\" to \"%.80s\")", old, reference);
		http_fail(c, now);
		return;
	}
	url_read(&u, old);
	host = u.host;
	same = port == c->port && host.length == c->host.length &&
	       memcmp(host.at, c->host.at, host.length) == 0;
	http_ask_again(c, same, now);
}

static bool is_redirection(unsigned status)
{
	return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

static enum fault_id fault_of(unsigned status)
{
	switch (status) {
	case 404:
	case 410:
		return FAULT_HTTP_NOT_FOUND;
	case 401:
	case 403:
	case 407:
		return FAULT_HTTP_ACCESS;
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return FAULT_HTTP_BUSY;
	default:
		return FAULT_HTTP_ERROR;
	}
}

// What has to be said if it comes to nothing else.
static void set_status_fault(struct http_client *c)
{
	const struct http_response *r = &c->response;
	char words[64];
	struct text t = text_of(words, sizeof words);

	text_foreign(&t, r->reason.at, r->reason.length);
	if (c->redirections > REDIRECTIONS_MAX)
		fault_set(&c->fault, FAULT_HTTP_REDIRECT, "(%d times, the last from \"%.110s\")",
			REDIRECTIONS_MAX, c->url);
	else
		fault_set(&c->fault, fault_of(r->status), "(\"%.110s\": %u %s)", c->url, r->status, words);
	c->retry_after = r->retry_after;
}

void http_finish_skipping(struct http_client *c, uint64_t now)
{
	const struct http_response *r = &c->response;

	if (c->again) {
		http_ask_again(c, true, now);
	} else if (is_redirection(r->status) && r->location.length &&
		   c->redirections <= REDIRECTIONS_MAX) {
		redirect(c, now);
	} else if (c->cfg.size_only && (r->status == 405 || r->status == 501)) {
		http_let_go(c, now); // HEAD is not known there: the size stays unknown
		fault_clear(&c->fault);
		http_end(c, MACHINE_DONE);
	} else {
		http_let_go(c, now);
		http_end(c, MACHINE_FAILED);
	}
}

static void skip(struct http_client *c, uint64_t now)
{
	const struct http_response *r = &c->response;

	if (is_redirection(r->status))
		c->redirections++;
	set_status_fault(c);
	c->state = HTTP_SKIPPING;
	c->skipped = 0;
	if (r->body == HTTP_BODY_NONE || (r->body == HTTP_BODY_LENGTH && r->length == 0)) {
		http_finish_skipping(c, now);
	} else if (r->body == HTTP_BODY_CLOSE || (r->body == HTTP_BODY_LENGTH && r->length > SKIP_MAX)) {
		c->response.keep = false;
		http_finish_skipping(c, now);
	}
}

// ---- the file

void http_done(struct http_client *c, uint64_t now)
{
	if (!c->cfg.size_only && !c->cfg.until &&
		!c->cfg.sink->ops->commit(c->cfg.sink, c->mark.received, &c->fault)) {
		http_let_go(c, now);
		http_end(c, MACHINE_FAILED);
		return;
	}
	http_let_go(c, now);
	fault_clear(&c->fault);
	http_end(c, MACHINE_DONE);
}

void http_client_enough(struct http_client *c, uint64_t now)
{
	c->response.keep = false; // its rest is still to come
	c->mark.received = c->mark.size;
	http_done(c, now);
}

static void keep_text(char to[HTTP_TAG], struct text_view from)
{
	struct text t = text_of(to, HTTP_TAG);

	text_foreign(&t, from.at, from.length);
	if (t.cut)
		to[0] = 0;
}

static bool differs(const char *kept, struct text_view said)
{
	return kept[0] && said.length &&
	       (strlen(kept) != said.length || memcmp(kept, said.at, said.length) != 0);
}

// Whether the rest that the server offers belongs to what is there already.
static bool agrees(const struct http_client *c)
{
	const struct http_response *r = &c->response;

	if (!r->ranged || r->first != c->mark.received)
		return false;
	if (c->mark.size != SINK_SIZE_UNKNOWN ? r->total != c->mark.size : r->total == HTTP_UNKNOWN)
		return false;
	return !differs(c->mark.date, r->last_modified) &&
	       (c->cfg.other_server || !differs(c->mark.tag, r->etag));
}

static void ask_from_the_beginning(struct http_client *c, uint64_t now)
{
	if (c->cfg.until) {
		http_fail_protocol(c, "another part than was asked for", now);
		return;
	}
	c->fresh = c->begun_again = true;
	c->again = true;
	skip(c, now);
}

static void begin_rest(struct http_client *c, uint64_t now)
{
	struct http_response *r = &c->response;
	uint64_t end = c->cfg.until ? c->cfg.until : r->total;

	if (!http_partial(c)) {
		http_fail_protocol(c, "a part that was not asked for", now);
	} else if (!agrees(c) || r->last + 1 != end ||
		   (r->body == HTTP_BODY_LENGTH ? r->length != end - r->first : c->cfg.until != 0)) {
		ask_from_the_beginning(c, now);
	} else {
		c->mark.size = r->total;
		c->left = end - r->first;
		c->state = HTTP_READING;
	}
}

static void begin_whole(struct http_client *c, uint64_t now)
{
	const struct http_response *r = &c->response;

	c->begun_again |= c->mark.received > 0;
	c->mark.received = 0;
	c->mark.size = r->length == HTTP_UNKNOWN ? SINK_SIZE_UNKNOWN : r->length;
	keep_text(c->mark.tag, r->etag);
	if (text_starts(c->mark.tag, "W/"))
		c->mark.tag[0] = 0;
	keep_text(c->mark.date, r->last_modified);
	c->left = r->body == HTTP_BODY_LENGTH ? r->length : 0;
	c->state = HTTP_READING;
	if (c->cfg.size_only) {
		http_done(c, now);
	} else if (!c->cfg.sink->ops->begin(c->cfg.sink, c->mark.size, &c->fault)) {
		http_fail(c, now);
	} else if (r->body == HTTP_BODY_LENGTH && r->length == 0) {
		http_done(c, now);
	}
}

static void on_head(struct http_client *c, uint64_t now)
{
	struct http_response *r = &c->response;

	if (!http_read_response(r, c->head, c->head_length, c->cfg.size_only ? HTTP_HEAD : HTTP_GET)) {
		if (c->used_before) // perhaps the end of an answer whose end was told wrongly
			http_reconnect(c, now);
		else
			http_fail_protocol(c, r->wrong, now);
		return;
	}
	c->chunks = (struct http_chunks){0};
	if (r->status < 200 && r->status != 101 && c->provisional++ < PROVISIONAL_MAX) {
		c->head_length = 0;
		c->head_line = HTTP_HEAD_START;
	} else if (r->status == 408 && c->used_before) { // it was tired of waiting before it heard us
		http_reconnect(c, now);
	} else if (r->status != 206 && c->cfg.until) {
		ask_from_the_beginning(c, now);
	} else if (r->status == 200) {
		begin_whole(c, now);
	} else if (r->status == 206) {
		begin_rest(c, now);
	} else if (r->status == 416 && http_partial(c)) {
		ask_from_the_beginning(c, now);
	} else {
		skip(c, now);
	}
}

// Takes bytes up to the end of the head. Gives how many.
static size_t take_head(struct http_client *c, const uint8_t *bytes, size_t length, uint64_t now)
{
	size_t take = sizeof c->head - c->head_length, before = c->head_length, whole;

	if (take > length)
		take = length;
	memcpy(c->head + before, bytes, take);
	whole = http_head_end(&c->head_line, bytes, take);
	c->head_length += whole ? whole : take;
	if (whole) {
		on_head(c, now);
		return whole;
	}
	if (c->head_length == sizeof c->head)
		http_fail_protocol(c, "a head without end", now);
	else if (c->head_length >= 4 && !text_is((const char *)c->head, 4, "HTTP") && !c->used_before)
		http_fail_protocol(c, "something that is not HTTP", now);
	return take;
}

// A login page of a network, an error page sent with 200: nobody wants to start that.
static bool is_page(const struct http_client *c, const uint8_t *bytes, size_t length)
{
	struct text_view type = c->response.content_type;

	return type.length >= 9 && text_is(type.at, 9, "text/html") && length >= 2 && bytes[0] == '<' &&
	       (bytes[1] == '!' || bytes[1] == 'h' || bytes[1] == 'H');
}

// The next bytes of the file, in order. False if that was the end.
static bool keep(struct http_client *c, const uint8_t *bytes, size_t length, uint64_t now)
{
	if (length == 0)
		return true;
	if (c->mark.received == 0 && is_page(c, bytes, length)) {
		fault_set(&c->fault, FAULT_HTTP_PAGE, "(\"%.110s\")", c->url);
		http_fail(c, now);
		return false;
	}
	if (!c->cfg.sink->ops->write(c->cfg.sink, c->mark.received, bytes, length, &c->fault)) {
		http_fail(c, now);
		return false;
	}
	c->mark.received += length;
	return true;
}

// Takes bytes of a body, which is kept (READING) or not.
static bool take_content(struct http_client *c, const uint8_t *bytes, size_t length, uint64_t now)
{
	if (c->state == HTTP_READING)
		return keep(c, bytes, length, now);
	c->skipped += (uint32_t)length;
	return true;
}

static void body_complete(struct http_client *c, uint64_t now)
{
	if (c->state == HTTP_READING)
		http_done(c, now);
	else
		http_finish_skipping(c, now);
}

static size_t take_chunks(struct http_client *c, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct text_view data;
	size_t took = http_chunks_read(&c->chunks, bytes, length, &data);

	if (!take_content(c, (const uint8_t *)data.at, data.length, now))
		return length;
	if (c->chunks.failed)
		http_fail_protocol(c, "broken chunks", now);
	else if (c->chunks.done && c->mark.size != SINK_SIZE_UNKNOWN && c->state == HTTP_READING &&
		 c->mark.received != c->mark.size)
		http_fail_protocol(c, "another part than it said", now);
	else if (c->chunks.done)
		body_complete(c, now);
	else if (c->skipped > SKIP_MAX) {
		c->response.keep = false;
		http_finish_skipping(c, now);
	}
	return took;
}

static size_t take_body(struct http_client *c, const uint8_t *bytes, size_t length, uint64_t now)
{
	if (c->response.body == HTTP_BODY_CHUNKED)
		return take_chunks(c, bytes, length, now);
	if (c->response.body == HTTP_BODY_LENGTH) {
		uint64_t left = c->state == HTTP_READING ? c->left : c->response.length - c->skipped;

		if (length > left)
			length = (size_t)left;
		if (!take_content(c, bytes, length, now))
			return length;
		c->left -= c->state == HTTP_READING ? length : 0;
		if (length == left)
			body_complete(c, now);
		return length;
	}
	take_content(c, bytes, length, now);
	return length;
}

// One piece after the other, as long as this stream and this exchange are what they were.
static size_t on_bytes(void *owner, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct http_client *c = owner;
	struct stream *stream = c->stream;
	size_t at = 0;

	c->heard += length;
	while (at < length && c->stream == stream && c->status == MACHINE_RUNNING) {
		if (c->state == HTTP_WAITING)
			at += take_head(c, bytes + at, length - at, now);
		else
			at += take_body(c, bytes + at, length - at, now);
	}
	if (at < length && c->stream == stream) { // more than was asked for
		c->response.keep = false;
		http_drop(c, now);
	}
	return length;
}

static size_t on_ahead(void *owner, size_t ahead, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct http_client *c = owner;

	if (c->state != HTTP_READING || c->response.body != HTTP_BODY_LENGTH ||
		c->mark.received < IN_ORDER || ahead >= c->left)
		return 0;
	if (length > c->left - ahead)
		length = (size_t)(c->left - ahead);
	if (!c->cfg.sink->ops->write(c->cfg.sink, c->mark.received + ahead, bytes, length, &c->fault)) {
		http_fail(c, now);
		return 0;
	}
	c->heard += length;
	return length;
}

static void on_placed(void *owner, size_t length, uint64_t now)
{
	struct http_client *c = owner;

	c->mark.received += length;
	c->left -= length;
	if (c->left == 0)
		http_done(c, now);
}

void http_consume(struct http_client *c)
{
	stream_consume(c->stream, &(struct stream_consumer){
					  .owner = c,
					  .bytes = on_bytes,
					  .ahead = on_ahead,
					  .placed = on_placed,
				  });
}
