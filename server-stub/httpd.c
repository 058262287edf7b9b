// SPDX-License-Identifier: BSD-2-Clause
// libmicrohttpd does HTTP's framing: it has an epoll of its own, which is one descriptor of our loop,
// and a timeout, which is one timer. Here is what becomes of a request: a file is found, its range is
// cut, and a duplicate of its descriptor goes to the library, which has the kernel send it.
#define _GNU_SOURCE
#include "server-stub/httpd.h"
#include "server-stub/address.h"
#include "server-stub/http_request.h"
#include "server-stub/log.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BACKLOG = 1024,
	CONNECTIONS = 256,
	CONNECTIONS_EACH = 64, // of one client address: there may be many machines behind a router
	PATIENCE = 30, // s
	HEAD_BYTES = 16 * 1024, // a connection's memory, in which its request's head must fit
	NAME = 2048,
	TAG = 64,
};

struct httpd {
	struct httpd_config config;
	struct MHD_Daemon *daemon;
	struct event_source source;
	struct event_timer timer;
};

// From its head to the end of its answer.
struct request {
	struct httpd *http;
	struct MHD_Connection *connection;
	char name[NAME];
	bool head;  // HEAD: the answer has no body
	bool named; // its target is a name
	unsigned status;
	uint64_t bytes, started; // of the answer; ms
};

int httpd_listen(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, error;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
		bind(fd, (struct sockaddr *)&any, sizeof any) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

// ---- answers ---------------------------------------------------------------------------------

static enum MHD_Result send_response(
	struct request *r, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result done;

	if (!response)
		return MHD_NO;
	r->status = status;
	done = MHD_queue_response(r->connection, status, response);
	MHD_destroy_response(response);
	return done;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (response && *value)
		MHD_add_response_header(response, name, value);
}

static struct MHD_Response *sentence(const char *text)
{
	char line[256];
	int length = snprintf(line, sizeof line, "%s.\n", text);
	struct MHD_Response *response =
		MHD_create_response_from_buffer((size_t)length, line, MHD_RESPMEM_MUST_COPY);

	add_header(response, "Content-Type", "text/plain; charset=utf-8");
	return response;
}

static enum MHD_Result refuse_method(struct request *r)
{
	struct MHD_Response *response = sentence("This server only gives files out: GET and HEAD");

	add_header(response, "Allow", "GET, HEAD");
	add_header(response, "Connection", "close"); // whatever else the client meant to send
	return send_response(r, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

static enum MHD_Result refuse_file(struct request *r, int error)
{
	unsigned status = MHD_HTTP_INTERNAL_SERVER_ERROR;

	if (error == ENOENT)
		status = MHD_HTTP_NOT_FOUND;
	else if (error == EACCES)
		status = MHD_HTTP_FORBIDDEN;
	else if (error == EMFILE || error == ENFILE || error == ENOMEM)
		status = MHD_HTTP_SERVICE_UNAVAILABLE;
	return send_response(r, status, sentence(source_error(error)));
}

// What a client may compare to see whether it has this file already. A made-up text has neither.
struct validators {
	char tag[TAG], date[HTTP_DATE];
};

static struct validators validators_of(const struct source *f)
{
	struct validators v = {"", ""};

	if (f->fd < 0)
		return v;
	snprintf(v.tag, sizeof v.tag, "\"%llx-%llx-%llx.%x\"", (unsigned long long)f->inode,
		(unsigned long long)f->size, (unsigned long long)f->modified, f->modified_ns);
	http_date(f->modified, v.date);
	return v;
}

static const char *field(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

// RFC 9110 section 13.2.2.
static bool unchanged(const struct request *r, const struct source *f, const struct validators *v)
{
	const char *tags = field(r, "If-None-Match"), *since = field(r, "If-Modified-Since");
	int64_t when;

	if (tags)
		return *v->tag && http_tag_listed(tags, v->tag);
	return since && *v->date && http_date_read(since, &when) && f->modified <= when;
}

// Section 13.1.5: the rest of the same file, or the whole of another.
static bool range_allowed(const struct request *r, const struct validators *v)
{
	const char *only_if = field(r, "If-Range");

	if (r->head)
		return false;
	return !only_if || (*v->tag && strcmp(only_if, v->tag) == 0) ||
	       (*v->date && strcmp(only_if, v->date) == 0);
}

// Takes the source. NULL where memory is missing.
static struct MHD_Response *body(struct source *f, uint64_t first, uint64_t length)
{
	struct MHD_Response *response;

	if (f->fd >= 0 && length > 0) {
		response = MHD_create_response_from_fd_at_offset64(length, f->fd, first);
		if (response)
			f->fd = -1;
	} else {
		response = MHD_create_response_from_buffer(
			(size_t)length, f->text ? f->text + first : "", MHD_RESPMEM_MUST_COPY);
	}
	source_close(f);
	return response;
}

static enum MHD_Result send_source(struct request *r, struct source *f, const struct validators *v)
{
	uint64_t first = 0, length = f->size, size = f->size;
	bool text = f->fd < 0;
	enum http_range range = HTTP_RANGE_NONE;
	unsigned status = MHD_HTTP_OK;
	char content_range[80] = "";
	struct MHD_Response *response;

	if (range_allowed(r, v))
		range = http_range(field(r, "Range"), size, &first, &length);
	if (range == HTTP_RANGE_PART) {
		status = MHD_HTTP_PARTIAL_CONTENT;
		snprintf(content_range, sizeof content_range, "bytes %llu-%llu/%llu",
			(unsigned long long)first, (unsigned long long)(first + length - 1),
			(unsigned long long)size);
	} else if (range == HTTP_RANGE_UNSATISFIABLE) {
		status = MHD_HTTP_RANGE_NOT_SATISFIABLE;
		first = length = 0;
		snprintf(content_range, sizeof content_range, "bytes */%llu", (unsigned long long)size);
	} else {
		first = 0;
		length = size;
	}
	r->bytes = length;
	response = body(f, first, length);
	add_header(response, "Content-Type",
		text ? "text/plain; charset=utf-8" : http_content_type(r->name));
	add_header(response, "Content-Range", content_range);
	add_header(response, "Accept-Ranges", "bytes");
	add_header(response, "ETag", v->tag);
	add_header(response, "Last-Modified", v->date);
	return send_response(r, status, response);
}

// With the length of the whole, of which the library sends nothing.
static enum MHD_Result not_modified(struct request *r, struct source *f, const struct validators *v)
{
	struct MHD_Response *response = body(f, 0, f->size);

	add_header(response, "ETag", v->tag);
	add_header(response, "Last-Modified", v->date);
	return send_response(r, MHD_HTTP_NOT_MODIFIED, response);
}

static struct ipaddr local_address(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr_storage local = {0};
	socklen_t length = sizeof local;

	if (info)
		getsockname(info->connect_fd, (struct sockaddr *)&local, &length);
	return address_from_kernel(&local).addr;
}

static enum MHD_Result answer_file(struct request *r)
{
	struct ipaddr local = local_address(r->connection);
	struct validators v;
	struct source f;
	int error = source_open(r->http->config.sources, r->name, &local, &f);

	if (error)
		return refuse_file(r, error);
	v = validators_of(&f);
	return unchanged(r, &f, &v) ? not_modified(r, &f, &v) : send_source(r, &f, &v);
}

// ---- what the library calls ------------------------------------------------------------------

static size_t leave_escapes(void *owner, struct MHD_Connection *connection, char *text)
{
	(void)owner;
	(void)connection;
	return strlen(text);
}

// The first time with the head alone, then with each piece of a body (which is thrown away), and last
// with no more of it.
static enum MHD_Result answer(void *owner, struct MHD_Connection *connection, const char *target,
	const char *method, const char *version, const char *data, size_t *length, void **state)
{
	struct request *r = *state;

	(void)version;
	(void)data;
	if (!r) {
		*state = r = calloc(1, sizeof *r);
		if (!r)
			return MHD_NO;
		r->http = owner;
		r->connection = connection;
		r->started = events_now();
		r->head = strcmp(method, "HEAD") == 0;
		r->named = http_path(target, r->name, sizeof r->name);
		return r->head || strcmp(method, "GET") == 0 ? MHD_YES : refuse_method(r);
	}
	if (*length > 0) {
		*length = 0;
		return MHD_YES;
	}
	if (!r->named)
		return send_response(r, MHD_HTTP_BAD_REQUEST, sentence("That is no name of a file"));
	return answer_file(r);
}

static void say_end(const struct request *r, bool whole)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct endpoint client = address_from_kernel((const void *)info->client_addr);
	uint64_t took = events_now() - r->started;
	char text[IPADDR_TEXT];
	bool file = r->status == MHD_HTTP_OK || r->status == MHD_HTTP_PARTIAL_CONTENT;
	enum log_level level = LOG_NOTICE;

	if (r->head || r->status == MHD_HTTP_NOT_MODIFIED)
		level = LOG_DETAIL;
	else if (!file || !whole)
		level = strstr(r->name, "pxelinux.cfg/") ? LOG_DETAIL : LOG_WARNING;
	ipaddr_format(&client.addr, text);
	if (file)
		log_say(level, "http", "%s to %s: %llu bytes in %llu.%03llu s%s%s", r->name, text,
			(unsigned long long)r->bytes, (unsigned long long)(took / 1000),
			(unsigned long long)(took % 1000), r->head ? " (HEAD)" : "",
			whole ? "" : ", broken off");
	else
		log_say(level, "http", "%s to %s: status %u", r->named ? r->name : "?", text,
			r->status);
}

static void completed(void *owner, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode how)
{
	struct request *r = *state;

	(void)owner;
	(void)connection;
	if (!r)
		return;
	if (r->status)
		say_end(r, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	free(r);
	*state = NULL;
}

static void library_says(void *owner, const char *format, va_list arguments)
{
	char message[256];
	size_t length;

	(void)owner;
	vsnprintf(message, sizeof message, format, arguments);
	length = strlen(message);
	if (length > 0 && message[length - 1] == '\n')
		message[length - 1] = 0;
	log_say(LOG_DETAIL, "http", "%s", message);
}

// ---- the service -----------------------------------------------------------------------------

static void run(struct httpd *h)
{
	MHD_UNSIGNED_LONG_LONG pause;

	MHD_run(h->daemon);
	events_timer(h->config.events, &h->timer,
		MHD_get_timeout(h->daemon, &pause) == MHD_YES ? events_now() + pause : UINT64_MAX);
}

static void readable(void *owner, int fd, uint64_t now)
{
	(void)fd;
	(void)now;
	run(owner);
}

static void timer_expired(void *owner, uint64_t now)
{
	(void)now;
	run(owner);
}

static struct MHD_Daemon *start_library(struct httpd *h)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer, h,
		MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
		MHD_OPTION_LISTEN_SOCKET, h->config.listener,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_EACH,
		MHD_OPTION_CONNECTION_TIMEOUT, h->config.patience,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
}

struct httpd *httpd_start(const struct httpd_config *config)
{
	struct httpd *h = calloc(1, sizeof *h);
	const union MHD_DaemonInfo *info;

	if (!h)
		return NULL;
	signal(SIGPIPE, SIG_IGN);
	h->config = *config;
	if (!h->config.patience)
		h->config.patience = PATIENCE;
	h->timer = (struct event_timer){.expired = timer_expired, .owner = h};
	h->daemon = start_library(h);
	if (!h->daemon) {
		free(h);
		return NULL;
	}
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->source = (struct event_source){info ? info->epoll_fd : -1, readable, h};
	if (!events_watch(config->events, &h->source)) {
		MHD_stop_daemon(h->daemon);
		free(h);
		return NULL;
	}
	return h;
}

void httpd_stop(struct httpd *h)
{
	events_unwatch(h->config.events, &h->source);
	events_timer(h->config.events, &h->timer, UINT64_MAX);
	MHD_stop_daemon(h->daemon);
	free(h);
}
