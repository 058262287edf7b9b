// SPDX-License-Identifier: BSD-2-Clause
// A try by HTTP: over the connection that is still open from the transfer before, where that leads to
// the same server, else over a new one; by redirections perhaps over several.
#include "bootloader/console.h"
#include "bootloader/fetch_parts.h"
#include "netstack/base/memory.h"

// The host as the request names it.
static void own_host(const struct fetch_transfer *t, struct text *to)
{
	char address[IPADDR_TEXT];

	if (t->server < t->named)
		text_format(to, "%s", t->job.host);
	else
		text_format(to, "%s", ipaddr_format(fetch_server(t), address));
}

static void begin(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	char url[HTTP_URL];
	struct text to = text_of(url, sizeof url);
	const struct http_client_config cfg = {
		.url = url,
		.sink = t->job.sink,
		.size_only = !t->job.sink,
		.mark = t->mark.received ? &t->mark : NULL,
		.other_server = t->server != t->mark_server,
	};

	(void)f;
	text_format(&to, "http://");
	own_host(t, &to);
	if (t->job.port)
		text_format(&to, ":%u", t->job.port);
	text_format(&to, "%s%s", t->job.file[0] == '/' ? "" : "/", t->job.file);
	if (!t->mark.received)
		t->started = now;
	t->told = false;
	http_client_start(&t->http, &cfg, now);
}

void fetch_http_disconnect(struct fetch *f, struct fetch_connection *k, uint64_t now)
{
	if (k->used)
		stack_disconnect(f->stack, &k->tcp, now);
	k->used = false;
}

static void end(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	fetch_lookup_end(t);
	fetch_pieces_end(f, t, now);
	if (!t->http.stream)
		fetch_http_disconnect(f, t->connection, now);
}

void fetch_close(struct fetch *f, uint64_t now)
{
	for (size_t i = 0; i < FETCH_SLOTS + FETCH_HELPERS; i++)
		fetch_http_disconnect(f, &f->connections[i], now);
}

void fetch_http_connect(struct fetch *f, struct http_client *http, struct fetch_connection *k,
	const struct ipaddr *server, uint64_t now)
{
	const struct tcp_client_config cfg = {
		.random = f->random,
		.server = {.addr = *server, .interface = -1, .port = http->port},
		.window = f->path.most * 1460u, // 0: the usual one
	};

	if (k->used && k->tcp.stream.state == STREAM_OPEN && k->port == http->port &&
		ipaddr_equal(&k->server, server)) {
		http_client_attach(http, &k->tcp.stream, true, now);
		return;
	}
	fetch_http_disconnect(f, k, now);
	if (!stack_connect(f->stack, &k->tcp, &cfg, now)) {
		http_client_unreachable(http, &k->tcp.stream.fault);
		return;
	}
	k->used = true;
	k->server = *server;
	k->port = http->port;
	http_client_attach(http, &k->tcp.stream, false, now);
}

// Finds where the machine's stream has to lead: to the server of this try, or after a redirection
// somewhere else.
static void supply_stream(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	char own[DNS_HOST], host[DNS_HOST];
	struct text mine = text_of(own, sizeof own), wanted = text_of(host, sizeof host);
	struct ipaddr addresses[DNS_ADDRESSES];
	size_t count;

	own_host(t, &mine);
	text_append(&wanted, t->http.host.at, t->http.host.length);
	if (text_same(own, host)) {
		fetch_http_connect(f, &t->http, t->connection, fetch_server(t), now);
		return;
	}
	switch (fetch_look_up(f, t, host, addresses, &count, now)) {
	case MACHINE_RUNNING:
		break;
	case MACHINE_DONE:
		fetch_http_connect(f, &t->http, t->connection, &addresses[0], now);
		break;
	case MACHINE_FAILED:
		http_client_unreachable(&t->http, &t->fault);
	}
}

// How the transfer goes on with what there was from an earlier try.
static void tell_continuation(struct fetch_transfer *t)
{
	char server[IPADDR_TEXT];

	if (t->told || !t->http.cfg.mark || t->http.state != HTTP_READING)
		return;
	t->told = true;
	ipaddr_format(fetch_server(t), server);
	if (t->http.begun_again)
		console_stage("%s sends another %s, or all of it: loading it from its beginning", server,
			t->job.name);
	else
		console_stage("%s sends the rest of %s, from byte %llu on", server, t->job.name,
			(unsigned long long)t->mark.received);
}

static enum machine_status step(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	struct http_client *c = &t->http;

	http_client_step(c, now);
	if (http_client_wants_stream(c))
		supply_stream(f, t, now);
	if (fetch_pieces_step(f, t, now))
		http_client_enough(c, now);
	tell_continuation(t);
	t->received = fetch_pieces_received(t);
	t->expected = c->mark.size;
	t->retry_after = c->retry_after;
	if (c->status == MACHINE_FAILED && (c->mark.received || c->begun_again)) {
		t->mark = c->mark;
		t->mark_server = t->server;
	}
	t->fault = c->fault;
	return http_client_status(c);
}

static uint64_t deadline(const struct fetch_transfer *t)
{
	uint64_t first = http_client_wants_stream(&t->http) ? fetch_lookup_deadline(t)
							    : http_client_deadline(&t->http);
	uint64_t others = fetch_pieces_deadline(t);

	return first < others ? first : others;
}

static const char *asked(const struct fetch_transfer *t)
{
	return t->http.url;
}

const struct fetch_method fetch_http = {begin, step, deadline, end, asked};
