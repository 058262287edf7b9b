// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/http_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct http_client c;
struct http_client_config config;
struct sim_file file;
struct sim_sink sink;
struct stream line;
uint64_t now;
char request[4096];
unsigned connections, aborts;
size_t piece;
static unsigned requests;

static bool line_write(struct stream *s, const void *bytes, size_t length, uint64_t at)
{
	(void)at;
	assert_ptr_equal(s, &line);
	assert_true(length < sizeof request);
	memcpy(request, bytes, length);
	request[length] = 0;
	requests++;
	return true;
}

static void line_await(struct stream *s, bool awaited, uint64_t at)
{
	(void)s;
	(void)awaited;
	(void)at;
}

static void line_abort(struct stream *s, uint64_t at)
{
	(void)at;
	s->state = STREAM_CLOSED;
	aborts++;
}

static void line_describe(const struct stream *s, struct text *to, uint64_t at)
{
	(void)s;
	(void)to;
	(void)at;
}

static const struct stream_ops ops = {line_write, line_await, line_abort, line_abort, line_describe};

int http_play_reset(void **state)
{
	(void)state;
	now = 5000;
	connections = aborts = requests = 0;
	piece = 0;
	file = (struct sim_file){.name = "vmlinuz", .size = 200000, .seed = 9};
	sim_sink_init(&sink, &file);
	config = (struct http_client_config){.url = "http://10.0.0.1/boot/vmlinuz", .sink = &sink.sink};
	return 0;
}

void connect_line(void)
{
	assert_true(http_client_wants_stream(&c));
	line = (struct stream){.ops = &ops, .state = STREAM_OPEN};
	connections++;
	http_client_attach(&c, &line, false, now);
}

void start(void)
{
	http_client_start(&c, &config, now);
	connect_line();
}

void expect_request(const char *words)
{
	assert_int_equal(requests, 1);
	requests = 0;
	if (!strstr(request, words))
		fail_msg("'%s' is not in '%s'", words, request);
}

void expect_no_request(void)
{
	assert_int_equal(requests, 0);
}

// Bytes that nobody reads any more are lost, as on a connection that was aborted.
static void deliver(const uint8_t *bytes, size_t length)
{
	while (length && line.state == STREAM_OPEN && line.consumer.bytes) {
		size_t size = piece && piece < length ? piece : length, took;
		uint8_t *copy = malloc(size); // exact, for ASan

		memcpy(copy, bytes, size);
		took = line.consumer.bytes(line.consumer.owner, copy, size, now);
		free(copy);
		assert_in_range(took, 1, size);
		bytes += took;
		length -= took;
	}
	http_client_step(&c, now);
}

void give_bytes(const void *bytes, size_t length)
{
	deliver(bytes, length);
}

void give(const char *text)
{
	deliver((const uint8_t *)text, strlen(text));
}

void give_file(uint64_t from, size_t length)
{
	uint8_t *bytes = malloc(length);

	sim_file_read(&file, from, bytes, length);
	deliver(bytes, length);
	free(bytes);
}

size_t give_ahead(size_t ahead, uint64_t from, size_t length)
{
	uint8_t *bytes = malloc(length);
	size_t took;

	sim_file_read(&file, from, bytes, length);
	took = line.consumer.ahead(line.consumer.owner, ahead, bytes, length, now);
	free(bytes);
	return took;
}

void give_placed(size_t length)
{
	line.consumer.placed(line.consumer.owner, length, now);
}

void give_end(enum stream_state state)
{
	line.state = state;
	if (state == STREAM_FAILED)
		fault_set(&line.fault, FAULT_UNREACHABLE, "(played)");
	http_client_step(&c, now);
}

void expect_fault(enum fault_id id, const char *words)
{
	assert_int_equal(http_client_status(&c), MACHINE_FAILED);
	assert_int_equal(c.fault.id, id);
	if (!strstr(c.fault.facts, words))
		fail_msg("'%s' is not in '%s'", words, c.fault.facts);
	assert_int_equal(http_client_deadline(&c), DEADLINE_NEVER);
	assert_false(http_client_wants_stream(&c));
	assert_false(sink.wrong);
}

void expect_done(void)
{
	assert_string_equal(c.fault.facts, "");
	assert_int_equal(http_client_status(&c), MACHINE_DONE);
	assert_int_equal(c.fault.id, FAULT_NONE);
	assert_true(sim_sink_good(&sink));
}
