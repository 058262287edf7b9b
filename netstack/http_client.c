// SPDX-License-Identifier: BSD-2-Clause
// HTTP client machine; its rules stand in the header. What answers mean is in http_answer.c.
//
//	CONNECTING --attach--> WAITING --head--> READING --last byte--> ENDED (done)
//	     ^                   ^  |
//	     |                   |  +--head of a redirection or an error--> SKIPPING --last byte--> ENDED
//	     +----another stream-+--------------------the next request---------+              (failed)
#include "netstack/http_parts.h"
#include "netstack/base/memory.h"

enum {
	SLOW_TIME = 30000,      // ms
	SLOW_BYTES = 4096,      // least number of bytes in that time
	PATH_MAX = 1024,        // characters of an escaped path in a request
};

// ---- ends

void http_drop(struct http_client *c, uint64_t now)
{
	if (!c->stream)
		return;
	stream_consume(c->stream, NULL);
	stream_abort(c->stream, now);
	c->stream = NULL;
}

// Nothing may come while nobody has asked: it is a farewell (408), or the connection is out of step.
static size_t on_unasked(void *owner, const uint8_t *bytes, size_t length, uint64_t now)
{
	(void)bytes;
	stream_abort(owner, now);
	return length;
}

void http_let_go(struct http_client *c, uint64_t now)
{
	if (!c->stream)
		return;
	if (!c->response.keep || c->stream->state != STREAM_OPEN) {
		http_drop(c, now);
		return;
	}
	stream_await(c->stream, false, now);
	stream_consume(c->stream, &(struct stream_consumer){.owner = c->stream, .bytes = on_unasked});
}

void http_end(struct http_client *c, enum machine_status status)
{
	c->status = status;
	c->state = HTTP_ENDED;
}

void http_fail(struct http_client *c, uint64_t now)
{
	http_drop(c, now);
	http_end(c, MACHINE_FAILED);
}

void http_fail_protocol(struct http_client *c, const char *what, uint64_t now)
{
	fault_set(&c->fault, FAULT_HTTP_PROTOCOL, "(\"%.110s\": it sent %s)", c->url, what);
	http_fail(c, now);
}

// ---- requests

bool http_use_url(struct http_client *c)
{
	struct url u;

	if (!url_read(&u, c->url) || !text_is(u.scheme.at, u.scheme.length, "http") || !u.host.length)
		return false;
	c->host = u.host;
	c->port = u.port ? u.port : HTTP_PORT;
	return true;
}

static const char *validator(const struct http_client *c)
{
	return c->mark.tag[0] && !c->cfg.other_server ? c->mark.tag : c->mark.date;
}

// Where nothing is known of the file, not even its size, any rest would seem to belong to it.
bool http_partial(const struct http_client *c)
{
	return c->mark.received && !c->fresh && !c->cfg.size_only &&
	       (c->mark.size != SINK_SIZE_UNKNOWN || validator(c)[0]);
}

static void ask(struct http_client *c, uint64_t now)
{
	char buffer[PATH_MAX + HTTP_URL + 512], path[PATH_MAX];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct text encoded = text_of(path, sizeof path);
	struct url u;

	url_read(&u, c->url);
	url_encode(&encoded, u.path.at, u.path.length);
	http_write_request(&w, &(struct http_request){
				       .method = c->cfg.size_only ? HTTP_HEAD : HTTP_GET,
				       .host = u.host,
				       .port = u.port,
				       .path = {path, encoded.length},
				       .from = http_partial(c) ? c->mark.received : 0,
				       .until = c->cfg.until,
				       .if_range = validator(c),
			       });
	if (encoded.cut || w.failed) {
		fault_set(&c->fault, FAULT_URL_SCHEME, ": too many characters to escape in \"%.110s\"", c->url);
		http_fail(c, now);
		return;
	}
	c->asked = stream_write(c->stream, buffer, writer_length(&w), now);
	stream_await(c->stream, true, now);
}

static void begin_exchange(struct http_client *c, uint64_t now)
{
	c->state = HTTP_WAITING;
	c->head_length = 0;
	c->head_line = HTTP_HEAD_START;
	c->heard = 0;
	c->since = now;
	http_consume(c);
	ask(c, now);
}

void http_client_attach(struct http_client *c, struct stream *stream, bool used_before, uint64_t now)
{
	c->stream = stream;
	c->used_before = used_before;
	begin_exchange(c, now);
}

void http_reconnect(struct http_client *c, uint64_t now)
{
	http_drop(c, now);
	c->state = HTTP_CONNECTING;
	c->since = now;
}

void http_ask_again(struct http_client *c, bool same_server, uint64_t now)
{
	c->again = false;
	if (!same_server || !c->stream || !c->response.keep || c->stream->state != STREAM_OPEN) {
		http_reconnect(c, now);
		return;
	}
	c->used_before = true;
	begin_exchange(c, now);
}

void http_client_start(struct http_client *c, const struct http_client_config *cfg, uint64_t now)
{
	struct text url;

	memset(c, 0, sizeof *c);
	c->cfg = *cfg;
	c->since = now;
	c->mark.size = SINK_SIZE_UNKNOWN;
	if (cfg->mark)
		c->mark = *cfg->mark;
	url = text_of(c->url, sizeof c->url);
	text_append(&url, cfg->url, strlen(cfg->url));
	if (!url.cut && http_use_url(c))
		return;
	fault_set(&c->fault, FAULT_URL_SCHEME, ": \"%.110s\"", cfg->url);
	http_end(c, MACHINE_FAILED);
}

bool http_client_wants_stream(const struct http_client *c)
{
	return c->status == MACHINE_RUNNING && !c->stream;
}

void http_client_unreachable(struct http_client *c, const struct fault *why)
{
	if (c->status != MACHINE_RUNNING)
		return;
	c->fault = *why;
	http_end(c, MACHINE_FAILED);
}

// ---- time, and the end of streams

static void cut(struct http_client *c, uint64_t now)
{
	char size[40] = "";
	struct text t = text_of(size, sizeof size);

	if (c->mark.size != SINK_SIZE_UNKNOWN)
		text_format(&t, " of %llu", (unsigned long long)c->mark.size);
	if (c->state == HTTP_READING)
		fault_set(&c->fault, FAULT_HTTP_CUT, "(\"%.110s\", after %llu%s bytes)", c->url,
			(unsigned long long)c->mark.received, size);
	else
		fault_set(&c->fault, FAULT_HTTP_CUT, "(\"%.110s\", before any answer)", c->url);
	http_fail(c, now);
}

static void stream_over(struct http_client *c, uint64_t now)
{
	bool failed = c->stream->state == STREAM_FAILED;

	if (c->state == HTTP_SKIPPING) {
		c->response.keep = false;
		http_finish_skipping(c, now);
	} else if (c->state == HTTP_WAITING && c->used_before) {
		http_reconnect(c, now);
	} else if (failed) {
		c->fault = c->stream->fault;
		http_fail(c, now);
	} else if (c->state == HTTP_READING && c->response.body == HTTP_BODY_CLOSE &&
		   (c->mark.size == SINK_SIZE_UNKNOWN || c->mark.received == c->mark.size)) {
		http_done(c, now);
	} else {
		cut(c, now);
	}
}

void http_client_step(struct http_client *c, uint64_t now)
{
	if (c->status != MACHINE_RUNNING || !c->stream)
		return;
	if (c->stream->state >= STREAM_ENDED) {
		stream_over(c, now);
		return;
	}
	if (c->state == HTTP_WAITING && !c->asked)
		ask(c, now);
	if (c->stream->state != STREAM_OPEN || now - c->since < SLOW_TIME) {
		c->since = c->stream->state == STREAM_OPEN ? c->since : now;
		return;
	}
	if (c->heard < SLOW_BYTES) {
		fault_set(&c->fault, FAULT_HTTP_SLOW, "(\"%.110s\": %u bytes in %u s)", c->url,
			(unsigned)c->heard, (unsigned)(now - c->since) / 1000);
		http_fail(c, now);
		return;
	}
	c->heard = 0;
	c->since = now;
}

uint64_t http_client_deadline(const struct http_client *c)
{
	if (c->status != MACHINE_RUNNING || !c->stream)
		return DEADLINE_NEVER;
	if (c->stream->state >= STREAM_ENDED)
		return 0;
	return c->stream->state == STREAM_OPEN ? c->since + SLOW_TIME : DEADLINE_NEVER;
}

enum machine_status http_client_status(const struct http_client *c)
{
	return c->status;
}
