// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/tcp_reader.h"

#include <stdlib.h>
#include <string.h>

static size_t taken(struct tcp_reader *r, size_t length)
{
	if (r->refuses && random_below(r->random, 1000) < r->refuses)
		return random_below(r->random, (uint32_t)length + 1);
	return length;
}

static void compare(struct tcp_reader *r, uint64_t offset, const uint8_t *bytes, size_t length)
{
	if (length == 0 || offset + length > r->file->size)
		r->wrong = true;
	for (size_t i = 0; i < length && !r->wrong; i++)
		if (bytes[i] != sim_file_byte(r->file, offset + i) || r->there[offset + i])
			r->wrong = true;
}

static size_t on_bytes(void *owner, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct tcp_reader *r = owner;

	compare(r, r->at, bytes, length);
	length = taken(r, length);
	if (length)
		r->heard = now;
	r->at += length;
	return length;
}

static size_t on_ahead(void *owner, size_t ahead, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct tcp_reader *r = owner;

	if (ahead == 0)
		r->wrong = true;
	compare(r, r->at + ahead, bytes, length);
	if (!r->behind || r->wrong)
		return 0;
	length = taken(r, length);
	if (length)
		r->heard = now;
	memset(r->there + r->at + ahead, 1, length);
	r->aheads += length;
	return length;
}

static void on_placed(void *owner, size_t length, uint64_t now)
{
	struct tcp_reader *r = owner;

	(void)now;
	for (size_t i = 0; i < length; i++)
		if (!r->there[r->at + i])
			r->wrong = true;
	r->at += length;
}

static size_t on_room(void *owner)
{
	return ((struct tcp_reader *)owner)->room;
}

static void on_changed(void *owner, uint64_t now)
{
	struct tcp_reader *r = owner;

	(void)now;
	r->changes++;
	if (r->state >= STREAM_CLOSED || r->stream->state <= r->state)
		r->wrong = true; // a state comes once, and after the end none
	r->state = r->stream->state;
}

void tcp_reader_start(struct tcp_reader *r, struct stream *stream, const struct sim_file *file)
{
	struct stream_consumer consumer = {r, on_bytes, on_ahead, on_placed, on_room, on_changed};

	memset(r, 0, sizeof *r);
	r->file = file;
	r->stream = stream;
	r->behind = true;
	r->room = SIZE_MAX;
	r->there = calloc(1, file->size + 1);
	if (!r->there)
		abort();
	stream_consume(stream, &consumer);
}

void tcp_reader_free(struct tcp_reader *r)
{
	free(r->there);
	r->there = NULL;
}
