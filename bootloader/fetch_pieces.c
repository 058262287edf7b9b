// SPDX-License-Identifier: BSD-2-Clause
// Several connections for one file by HTTP. Where packets are lost on a long way, a server lets
// each connection have little: it takes every loss for congestion, and needs many round trips to be
// as fast as before. So a large file that comes slowly, and with losses, is asked for by
// FETCH_HELPERS more.
//
//	0            t->http.mark.received                 claimed               size
//	|== come ====|------- the first connection -------->|-- piece --|-- piece --|
//
// The first connection goes on through the file from its beginning. The others take pieces from its
// end on downwards. When the first one has come to where they have begun, and to the end of what
// they are busy with, all is there. A piece that fails is `missed`: the first connection has to go
// over it itself, and from then on nobody helps. So whatever the server makes of more connections
// or ranges, it costs a refused request.
#include "bootloader/fetch_parts.h"

enum {
	PIECE = 1024 * 1024,  // bytes, a power of two
	WORTH_IT = 4 * PIECE, // bytes still to come
	SLOWLY = 2000,        // ms that they would take
	LOSSES = 8,           // segments behind a gap
};

// Whether more connections would help. What has come in this try tells how fast it is.
static bool helps(const struct fetch *f, const struct fetch_transfer *t, uint64_t now)
{
	const struct http_mark *mark = &t->http.mark;
	uint64_t left = mark->size - mark->received, came = mark->received - t->mark.received;

	return mark->size != SINK_SIZE_UNKNOWN && (mark->tag[0] || mark->date[0]) && left >= WORTH_IT &&
	       came >= PIECE && t->connection->tcp.count.out_of_order >= LOSSES &&
	       left * (now - t->started) > came * SLOWLY && !f->path.most;
}

// The next piece, from behind, unless the first connection will be there as soon.
static void claim(struct fetch_transfer *t, struct fetch_helper *h, uint64_t now)
{
	const struct http_client *c = &t->http;
	struct http_mark mark = c->mark;
	const struct http_client_config cfg = {
		.url = c->url,
		.sink = t->job.sink,
		.mark = &mark,
		.until = t->claimed,
		.other_server = c->cfg.other_server,
	};

	mark.received = (t->claimed - 1) & ~(uint64_t)(PIECE - 1);
	if (t->alone || mark.received < c->mark.received + PIECE)
		return;
	t->claimed = mark.received;
	h->busy = true;
	http_client_start(&h->http, &cfg, now);
}

static void step(struct fetch *f, struct fetch_transfer *t, size_t i, uint64_t now)
{
	struct fetch_connection *k = &f->connections[FETCH_SLOTS + i];
	struct fetch_helper *h = &t->helpers[i];

	if (!h->busy)
		claim(t, h, now);
	if (!h->busy)
		return;
	http_client_step(&h->http, now);
	if (http_client_wants_stream(&h->http))
		fetch_http_connect(f, &h->http, k, &t->connection->server, now);
	h->busy = h->http.status == MACHINE_RUNNING;
	if (h->http.status != MACHINE_FAILED)
		return;
	t->alone = true;
	if (t->missed < h->http.cfg.until)
		t->missed = h->http.cfg.until;
}

bool fetch_pieces_step(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	uint64_t wanted = t->missed;

	if (t->http.status != MACHINE_RUNNING || t->http.state != HTTP_READING)
		return false;
	if (!t->claimed && !helps(f, t, now))
		return false;
	if (!t->claimed)
		t->claimed = t->http.mark.size;
	for (size_t i = 0; i < FETCH_HELPERS; i++) {
		step(f, t, i, now);
		if (t->helpers[i].busy && wanted < t->helpers[i].http.cfg.until)
			wanted = t->helpers[i].http.cfg.until;
	}
	return t->http.mark.received >= (wanted < t->claimed ? t->claimed : wanted);
}

uint64_t fetch_pieces_received(const struct fetch_transfer *t)
{
	uint64_t sum = t->http.mark.received, size = t->http.mark.size;

	if (t->claimed)
		sum += size - t->claimed;
	for (size_t i = 0; i < FETCH_HELPERS; i++)
		if (t->helpers[i].busy)
			sum -= t->helpers[i].http.cfg.until - t->helpers[i].http.mark.received;
	return sum < size ? sum : size;
}

uint64_t fetch_pieces_deadline(const struct fetch_transfer *t)
{
	uint64_t next = DEADLINE_NEVER;

	for (size_t i = 0; i < FETCH_HELPERS; i++) {
		const struct fetch_helper *h = &t->helpers[i];
		uint64_t due = h->busy ? http_client_deadline(&h->http) : 0;

		if (h->busy && due < next)
			next = due;
	}
	return next;
}

void fetch_pieces_end(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	for (size_t i = 0; i < FETCH_HELPERS; i++) {
		if (t->helpers[i].busy)
			fetch_http_disconnect(f, &f->connections[FETCH_SLOTS + i], now);
		t->helpers[i].busy = false;
	}
	t->alone = false;
	t->claimed = t->missed = 0;
}
