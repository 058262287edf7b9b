// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/tcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct random entropy;
struct tcp_client t;
struct tcp_client_config config;
struct sim_file file;
struct tcp_reader reader;
uint64_t now;
struct tcp s, answer;
struct reader payload;

int tcp_play_reset(void **state)
{
	(void)state;
	now = 5000;
	random_seed(&entropy, (const uint8_t[16]){3});
	file = (struct sim_file){.name = "stream", .size = TCP_READER_MAX, .seed = 5};
	config = (struct tcp_client_config){
		.random = &entropy,
		.server = {.addr = ipaddr_v4(10, 0, 0, 1), .interface = -1, .port = 80},
		.local = {.addr = ipaddr_v4(10, 0, 0, 2), .interface = 0, .port = 50000},
		.mss = 1460,
	};
	answer = (struct tcp){.flags = TCP_SYN | TCP_ACK, .window = PEER_WINDOW, .mss = 1460, .scaled = true,
		.scale = 0, .sack_permitted = true, .stamped = true, .stamp = PEER_STAMP};
	return 0;
}

int tcp_play_free(void **state)
{
	(void)state;
	tcp_reader_free(&reader);
	return 0;
}

// ---- the client's segments

bool output(void)
{
	struct reader view;
	struct tcp segment;

	if (!tcp_client_output(&t, &segment, &view, now))
		return false;
	s = segment;
	payload = view;
	assert_int_equal(s.source, 50000);
	assert_int_equal(s.destination, 80);
	assert_true(reader_left(&payload) <= 1460);
	assert_true(tcp_header_length(&s) <= TCP_HEADER_MAX);
	tcp_client_sent(&t, &s, reader_left(&payload), now);
	return true;
}

void expect_silence(void)
{
	assert_false(output());
}

void expect_ack(uint64_t offset)
{
	assert_true(output());
	assert_int_equal(s.flags, TCP_ACK);
	assert_int_equal(reader_left(&payload), 0);
	assert_int_equal(s.acknowledgment, PEER_ISS + 1 + (uint32_t)offset);
}

void expect_data(uint32_t offset, size_t length)
{
	assert_true(output());
	assert_int_equal(s.flags & (TCP_ACK | TCP_SYN | TCP_RST), TCP_ACK);
	assert_int_equal(s.sequence, t.iss + 1 + offset);
	assert_int_equal(reader_left(&payload), length);
}

void expect_reset(uint32_t offset)
{
	assert_true(output());
	assert_true(s.flags & TCP_RST);
	assert_int_equal(s.sequence, t.iss + 1 + offset);
	expect_silence();
}

void expect_fault(enum fault_id id, const char *words)
{
	assert_int_equal(tcp_client_status(&t), MACHINE_FAILED);
	assert_int_equal(t.stream.state, STREAM_FAILED);
	assert_int_equal(t.stream.fault.id, id);
	if (!strstr(t.stream.fault.facts, words))
		fail_msg("'%s' is not in '%s'", words, t.stream.fault.facts);
	assert_false(reader.wrong);
	if (!t.reset_due)
		assert_int_equal(tcp_client_deadline(&t), DEADLINE_NEVER);
}

void expect_read(uint64_t bytes, enum stream_state state)
{
	assert_false(reader.wrong);
	assert_int_equal(reader.at, bytes);
	assert_int_equal(t.stream.state, state);
}

void expect_sack(unsigned count, const uint32_t *pairs)
{
	assert_int_equal(s.sack_count, count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(s.sack[i].start, PEER_ISS + 1 + pairs[2 * i]);
		assert_int_equal(s.sack[i].end, PEER_ISS + 1 + pairs[2 * i + 1]);
	}
}

void wait_for_deadline(uint64_t least, uint64_t most)
{
	uint64_t deadline;

	expect_silence();
	deadline = tcp_client_deadline(&t);
	assert_in_range(deadline - now, least, most);
	now = deadline - 1;
	expect_silence();
	now = deadline;
}

// ---- the server's segments

static void deliver(const struct tcp *segment, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = calloc(1, length + 1); // exact, for ASan
	struct reader r = reader_of(copy + 1, length);

	assert_non_null(copy);
	if (length)
		memcpy(copy + 1, bytes, length);
	tcp_client_input(&t, segment, &r, now);
	free(copy);
}

void give(struct change c)
{
	static uint8_t bytes[65536];
	struct tcp segment = {
		.source = 80,
		.destination = 50000,
		.flags = (uint8_t)(c.flags | (c.no_ack ? 0 : TCP_ACK)),
		.sequence = PEER_ISS + 1 + (uint32_t)c.at + (uint32_t)c.sequence_off,
		.acknowledgment = t.iss + 1 + (uint32_t)c.ack,
		.window = c.closed ? 0 : c.window ? c.window : PEER_WINDOW,
		.stamped = answer.stamped && !c.no_stamp,
		.stamp = PEER_STAMP + (uint32_t)(now - 5000) - (c.old_stamp ? 100000 : 0),
	};

	sim_file_read(&file, c.at, bytes, c.length);
	deliver(&segment, bytes, c.length);
}

void start(void)
{
	tcp_client_start(&t, &config, now);
	tcp_reader_start(&reader, &t.stream, &file);
	assert_true(output());
	assert_int_equal(s.flags, TCP_SYN);
	expect_silence();
}

void connect(void)
{
	start();
	stream_await(&t.stream, true, now);
	answer.source = 80;
	answer.destination = 50000;
	answer.sequence = PEER_ISS;
	answer.acknowledgment = t.iss + 1;
	deliver(&answer, NULL, 0);
	expect_ack(0);
	expect_silence();
	expect_read(0, STREAM_OPEN);
}
