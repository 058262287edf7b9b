// SPDX-License-Identifier: BSD-2-Clause
// How connections of the TCP client machine end: by both sides, by one, by resets true and forged, and
// by silence.
#include "tests/sim/tcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- the server closes first

static void test_data_with_fin(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000, .flags = TCP_FIN);
	expect_ack(1001);
	expect_read(1000, STREAM_ENDED);
	assert_int_equal(tcp_client_deadline(&t), DEADLINE_NEVER); // nothing is awaited that could come
	stream_close(&t.stream, now);
	expect_data(0, 0);
	assert_true(s.flags & TCP_FIN);
	GIVE(.at = 1001, .ack = 1);
	expect_read(1000, STREAM_CLOSED);
	expect_silence();
	assert_int_equal(tcp_client_status(&t), MACHINE_DONE);
	assert_int_equal(tcp_client_deadline(&t), DEADLINE_NEVER);
}

static void test_fin_lost_and_repeated(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 1000, .flags = TCP_FIN);
	expect_ack(1001);
	GIVE(.at = 1000, .flags = TCP_FIN); // our ACK was lost
	expect_ack(1001);
	stream_close(&t.stream, now);
	expect_data(0, 0);
	wait_for_deadline(200, 1000); // our FIN was lost
	expect_data(0, 0);
	assert_true(s.flags & TCP_FIN);
	GIVE(.at = 1001, .ack = 1);
	expect_read(1000, STREAM_CLOSED);
}

static void test_fin_behind_a_gap(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 1000, .length = 1000, .flags = TCP_FIN);
	expect_ack(0);
	expect_read(0, STREAM_OPEN);
	GIVE(.at = 2000, .length = 500); // beyond the end
	expect_ack(0);
	GIVE(.at = 0, .length = 1000);
	expect_ack(2001);
	expect_read(2000, STREAM_ENDED);
}

static void test_half_closed_peer_gets_our_bytes(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .flags = TCP_FIN);
	expect_ack(1);
	expect_read(0, STREAM_ENDED);
	assert_true(stream_write(&t.stream, "late", 4, now));
	expect_data(0, 4);
	stream_close(&t.stream, now);
	assert_false(stream_write(&t.stream, "later", 5, now));
	expect_data(4, 0);
	assert_true(s.flags & TCP_FIN);
	GIVE(.at = 1, .ack = 5);
	expect_read(0, STREAM_CLOSED);
}

static void test_last_bytes_go_with_the_fin(void **state)
{
	(void)state;
	connect();
	assert_true(stream_write(&t.stream, "bye", 3, now));
	stream_close(&t.stream, now);
	expect_data(0, 3);
	assert_true(s.flags & TCP_FIN);
	expect_silence();
}

// ---- we close first

static void test_we_close_first(void **state)
{
	(void)state;
	connect();
	stream_await(&t.stream, false, now);
	stream_close(&t.stream, now);
	expect_data(0, 0);
	GIVE(.ack = 1);
	expect_silence();
	assert_int_equal(t.state, TCP_FIN_WAIT_2);
	GIVE(.at = 0, .length = 1000, .ack = 1);
	expect_ack(1000);
	expect_read(1000, STREAM_OPEN);
	GIVE(.at = 1000, .flags = TCP_FIN, .ack = 1);
	expect_ack(1001);
	expect_read(1000, STREAM_CLOSED);
	assert_int_equal(t.state, TCP_TIME_WAIT);
	assert_int_equal(tcp_client_deadline(&t), DEADLINE_NEVER);
	GIVE(.at = 1000, .flags = TCP_FIN, .ack = 1); // our last ACK was lost
	expect_ack(1001);
	GIVE(.at = 1001, .flags = TCP_RST);
	expect_read(1000, STREAM_CLOSED);
}

static void test_simultaneous_close(void **state)
{
	(void)state;
	connect();
	stream_close(&t.stream, now);
	expect_data(0, 0);
	GIVE(.at = 0, .flags = TCP_FIN);
	expect_ack(1);
	assert_int_equal(t.state, TCP_CLOSING);
	expect_read(0, STREAM_ENDED);
	GIVE(.at = 1, .ack = 1);
	assert_int_equal(t.state, TCP_TIME_WAIT);
	expect_read(0, STREAM_CLOSED);
	expect_silence();
}

static void test_peer_that_never_closes(void **state)
{
	(void)state;
	connect();
	stream_await(&t.stream, false, now);
	stream_close(&t.stream, now);
	expect_data(0, 0);
	GIVE(.ack = 1);
	wait_for_deadline(TCP_LINGER, TCP_LINGER);
	expect_reset(1);
	expect_read(0, STREAM_CLOSED);
}

static void test_peer_that_never_hears_our_fin(void **state)
{
	uint64_t begin_time = now;

	(void)state;
	connect();
	stream_await(&t.stream, false, now);
	stream_close(&t.stream, now);
	for (;;) {
		while (output())
			assert_true(s.flags & (TCP_FIN | TCP_RST));
		if (tcp_client_status(&t) != MACHINE_RUNNING)
			break;
		now = tcp_client_deadline(&t);
	}
	assert_int_equal(now - begin_time, TCP_LINGER);
	expect_read(0, STREAM_CLOSED);
}

static void test_closed_before_it_stands(void **state)
{
	(void)state;
	start();
	stream_close(&t.stream, now);
	answer.sequence = PEER_ISS;
	answer.acknowledgment = t.iss + 1;
	payload = reader_of("", 0);
	tcp_client_input(&t, &answer, &payload, now);
	expect_data(0, 0);
	assert_true(s.flags & TCP_FIN);
}

static void test_abort(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 10);
	stream_abort(&t.stream, now);
	assert_int_equal(reader.changes, 1);
	expect_reset(0);
	GIVE(.at = 10, .length = 10);
	expect_silence();
	assert_int_equal(reader.at, 10);
	assert_int_equal(t.stream.state, STREAM_CLOSED);
	tcp_play_free(NULL);
	start();
	stream_abort(&t.stream, now);
	expect_silence(); // the peer knows of nothing
}

static size_t abort_at_once(void *owner, const uint8_t *bytes, size_t length, uint64_t when)
{
	(void)bytes;
	stream_abort(&t.stream, when);
	++*(unsigned *)owner;
	return length;
}

static void test_abort_by_the_reader(void **state)
{
	unsigned calls = 0;
	struct stream_consumer consumer = {.owner = &calls, .bytes = abort_at_once};

	(void)state;
	connect();
	stream_consume(&t.stream, &consumer);
	GIVE(.at = 0, .length = 10, .flags = TCP_FIN);
	expect_reset(0);
	assert_int_equal(calls, 1);
	assert_int_equal(t.stream.state, STREAM_CLOSED);
}

// ---- resets

static void test_reset_mid_transfer(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	GIVE(.at = 1000, .flags = TCP_RST);
	expect_fault(FAULT_TCP_RESET, "(10.0.0.1 port 80, after 1000 bytes)");
	expect_silence();
}

// RFC 5961 section 3: in the window, but not exact. The true peer would answer the challenge.
static void test_forged_resets(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 1001, .flags = TCP_RST);
	expect_ack(1000);
	GIVE(.at = 1000 + TCP_WINDOW - 1, .flags = TCP_RST);
	expect_ack(1000);
	GIVE(.at = 999, .flags = TCP_RST);
	GIVE(.at = 1000 + TCP_WINDOW, .flags = TCP_RST);
	expect_silence();
	assert_int_equal(t.stream.state, STREAM_OPEN);
	GIVE(.at = 1000, .flags = TCP_RST); // the answer to the challenge
	expect_fault(FAULT_TCP_RESET, "1000 bytes");
}

// A server that was started again does not know us.
static void test_restarted_peer(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 70000, .flags = TCP_SYN, .no_ack = true); // RFC 5961 section 4
	expect_ack(1000);
	GIVE(.at = 1000, .flags = TCP_RST, .no_ack = true);
	expect_fault(FAULT_TCP_RESET, "");
}

static void test_reset_after_the_end(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000, .flags = TCP_FIN);
	GIVE(.at = 1001, .flags = TCP_RST);
	expect_read(1000, STREAM_CLOSED); // all is there: no fault
	expect_silence();
}

// ---- silence

static void test_peer_that_goes_mute(void **state)
{
	char words[200];
	struct text text = text_of(words, sizeof words);

	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	stream_describe(&t.stream, &text, now + 5000);
	assert_string_equal(words, "waiting for bytes from 10.0.0.1 port 80 (none for 5 s)");
	wait_for_deadline(TCP_PATIENCE, TCP_PATIENCE);
	expect_reset(0);
	expect_fault(FAULT_TCP_STALLED, "(10.0.0.1 port 80: nothing for 15 s, after 1000 bytes)");
}

static void test_peer_that_repeats_itself_is_mute(void **state)
{
	uint64_t begin_time = now;

	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	for (; tcp_client_status(&t) == MACHINE_RUNNING; now += 100) {
		assert_true(now - begin_time <= TCP_PATIENCE);
		GIVE(.at = 0, .length = 1000);
		output();
	}
	expect_fault(FAULT_TCP_STALLED, "after 1000 bytes");
}

static void test_one_byte_each_10_s(void **state)
{
	(void)state;
	connect();
	for (unsigned i = 0; i < 100; i++) {
		now += 10000;
		expect_silence();
		GIVE(.at = i, .length = 1);
		expect_ack(i + 1);
	}
	expect_read(100, STREAM_OPEN);
}

static void test_rest_between_requests(void **state)
{
	(void)state;
	connect();
	stream_await(&t.stream, false, now);
	assert_int_equal(tcp_client_deadline(&t), DEADLINE_NEVER);
	now += 3600000;
	expect_silence();
	stream_await(&t.stream, true, now);
	wait_for_deadline(TCP_PATIENCE, TCP_PATIENCE);
}

static void test_request_never_acknowledged(void **state)
{
	uint64_t begin_time = now;
	unsigned tries = 0;

	(void)state;
	connect();
	stream_await(&t.stream, false, now);
	assert_true(stream_write(&t.stream, "hello", 5, now));
	while (tcp_client_status(&t) == MACHINE_RUNNING) {
		while (output())
			tries += !(s.flags & TCP_RST);
		now = tcp_client_deadline(&t);
	}
	assert_int_equal(t.acked, begin_time);
	assert_in_range(tries, 5, 12);
	expect_fault(FAULT_TCP_STALLED, "(10.0.0.1 port 80 has acknowledged nothing for 15 s)");
}

static void test_patience_is_configured(void **state)
{
	(void)state;
	config.patience = 2000;
	connect();
	wait_for_deadline(2000, 2000);
	expect_reset(0);
	expect_fault(FAULT_TCP_STALLED, "nothing for 2 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, tcp_play_reset, tcp_play_free)
		CASE(test_data_with_fin),
		CASE(test_fin_lost_and_repeated),
		CASE(test_fin_behind_a_gap),
		CASE(test_half_closed_peer_gets_our_bytes),
		CASE(test_last_bytes_go_with_the_fin),
		CASE(test_we_close_first),
		CASE(test_simultaneous_close),
		CASE(test_peer_that_never_closes),
		CASE(test_peer_that_never_hears_our_fin),
		CASE(test_closed_before_it_stands),
		CASE(test_abort),
		CASE(test_abort_by_the_reader),
		CASE(test_reset_mid_transfer),
		CASE(test_forged_resets),
		CASE(test_restarted_peer),
		CASE(test_reset_after_the_end),
		CASE(test_peer_that_goes_mute),
		CASE(test_peer_that_repeats_itself_is_mute),
		CASE(test_one_byte_each_10_s),
		CASE(test_rest_between_requests),
		CASE(test_request_never_acknowledged),
		CASE(test_patience_is_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
