// SPDX-License-Identifier: BSD-2-Clause
// The TCP client machine against servers played segment by segment: connecting, what is received in
// which order, what is sent and repeated, and what hostile, dead and simple peers do with it. How
// connections end is in tcp_end.c.
#include "tests/sim/tcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- connecting

static void test_syn_says_what_we_can(void **state)
{
	(void)state;
	start();
	assert_int_equal(s.mss, 1460);
	assert_true(s.scaled && s.sack_permitted && s.stamped);
	assert_int_equal(s.scale, 6); // 2 MiB
	assert_int_equal(s.window, 65535);
	assert_int_equal(s.echo, 0);
}

static void test_windows_of_2_mib(void **state)
{
	(void)state;
	connect();
	assert_int_equal((uint32_t)s.window << 6, TCP_WINDOW);
	GIVE(.at = 1000, .length = 1); // behind a gap
	expect_ack(0);
	GIVE(.at = TCP_WINDOW - 1, .length = 1); // the last byte of the window
	expect_ack(0);
	expect_sack(2, (const uint32_t[]){TCP_WINDOW - 1, TCP_WINDOW, 1000, 1001});
	GIVE(.at = TCP_WINDOW, .length = 1); // one too far
	expect_ack(0);
	expect_sack(2, (const uint32_t[]){TCP_WINDOW - 1, TCP_WINDOW, 1000, 1001});
	expect_read(0, STREAM_OPEN);
}

static void test_sequence_numbers_follow_the_pair_of_endpoints(void **state)
{
	uint32_t first, second;

	(void)state;
	start();
	first = t.iss;
	tcp_play_free(NULL);
	now += 1000;
	start();
	assert_int_equal(t.iss, first + 250000); // RFC 6528: the clock
	second = t.iss;
	tcp_play_free(NULL);
	config.local.port++;
	tcp_client_start(&t, &config, now);
	assert_true((uint32_t)(t.iss - second + 1000000) > 2000000);
}

static void test_syn_is_repeated_then_given_up(void **state)
{
	uint64_t begin_time = now;
	char words[200];
	struct text text = text_of(words, sizeof words);

	(void)state;
	start();
	for (int i = 0; i < 3; i++) {
		wait_for_deadline(i ? 2000 : 1000, i ? 2000 : 1000);
		assert_true(output());
		assert_int_equal(s.flags, TCP_SYN);
		assert_int_equal(s.sequence, t.iss);
	}
	stream_describe(&t.stream, &text, now);
	assert_string_equal(words, "connecting to 10.0.0.1 port 80 (4 tries in 5 s)");
	while (tcp_client_status(&t) == MACHINE_RUNNING) {
		now = tcp_client_deadline(&t);
		output();
	}
	assert_int_equal(now - begin_time, TCP_CONNECT_PATIENCE);
	expect_fault(FAULT_TCP_SILENT, "(10.0.0.1 port 80: no answer to 8 tries in 15 s)");
	expect_silence();
}

static void test_refused(void **state)
{
	(void)state;
	start();
	GIVE(.flags = TCP_RST);
	expect_fault(FAULT_TCP_REFUSED, "10.0.0.1 port 80");
	expect_silence();
}

static void test_forged_answers_while_connecting(void **state)
{
	(void)state;
	start();
	GIVE(.flags = TCP_RST, .ack = 1); // of something never sent
	GIVE(.flags = TCP_RST, .no_ack = true);
	GIVE(.flags = TCP_SYN, .no_ack = true); // no simultaneous open
	GIVE(.at = 0, .length = 10);
	expect_silence();
	GIVE(.flags = TCP_SYN, .ack = 77); // RFC 9293 figure 8: an old connection of the peer
	expect_reset(77);
	assert_int_equal(s.flags, TCP_RST);
	assert_int_equal(t.state, TCP_SYN_SENT);
	wait_for_deadline(1000, 1000);
	assert_true(output());
	assert_int_equal(s.flags, TCP_SYN);
}

static void test_unreachable(void **state)
{
	struct fault why;

	(void)state;
	fault_set(&why, FAULT_ARP_SILENT, "from 10.0.0.1");
	start();
	tcp_client_unreachable(&t, &why, now);
	expect_fault(FAULT_ARP_SILENT, "10.0.0.1");
	tcp_play_free(NULL);
	connect();
	tcp_client_unreachable(&t, &why, now); // anybody can say so
	assert_int_equal(t.stream.state, STREAM_OPEN);
}

static void test_peer_without_options(void **state)
{
	(void)state;
	answer = (struct tcp){.flags = TCP_SYN | TCP_ACK, .window = 4096};
	connect();
	assert_false(s.stamped || s.scaled || s.sack_permitted);
	assert_int_equal(s.window, 65535);
	GIVE(.at = 0, .length = 500);
	expect_ack(500);
	GIVE(.at = 1000, .length = 500);
	expect_ack(500);
	assert_int_equal(s.sack_count, 0);
	GIVE(.at = 500, .length = 500);
	expect_ack(1500);
	expect_read(1500, STREAM_OPEN);
	assert_true(stream_write(&t.stream, t.buffer, 600, now));
	expect_data(0, 536); // RFC 9293: the segment size of those who name none
	expect_data(536, 64);
}

static void test_peer_without_window_scale(void **state)
{
	(void)state;
	answer.scaled = false;
	connect();
	assert_int_equal(s.window, 65535);
	GIVE(.at = 65534, .length = 1);
	expect_ack(0);
	assert_int_equal(s.sack_count, 1);
	GIVE(.at = 65535, .length = 1);
	expect_ack(0);
	assert_int_equal(s.sack_count, 1);
}

static void test_odd_options_of_the_peer(void **state)
{
	(void)state;
	answer.mss = 1;
	answer.scale = 200;
	answer.window = 1;
	connect();
	assert_true(stream_write(&t.stream, t.buffer, 100, now));
	expect_data(0, 1); // its window, not scaled yet
	GIVE(.ack = 1, .window = 65535);
	expect_data(1, 52); // no less than that, without 12 of timestamps
	expect_data(53, 47);
}

// ---- receiving

static void test_one_ack_for_each_burst(void **state)
{
	(void)state;
	connect();
	for (int i = 0; i < 40; i++) {
		GIVE(.at = i * SEGMENT, .length = SEGMENT);
		assert_false(tcp_client_urgent(&t));
	}
	expect_ack(40 * SEGMENT);
	assert_int_equal((uint32_t)s.window << 6, TCP_WINDOW);
	expect_silence();
	expect_read(40 * SEGMENT, STREAM_OPEN);
}

// While frames keep coming: every eighth byte at the beginning, then each sixteen full segments; never
// where the peer waits for more than that.
static void test_acks_that_may_wait(void **state)
{
	uint32_t at = 0, acked = 0;

	(void)state;
	config.mss = SEGMENT;
	connect();
	assert_false(tcp_client_may_wait(&t));
	for (int i = 0; i < 400 || acked != at; i++, at += SEGMENT) {
		uint32_t came = at + SEGMENT + 1, most = came / 8 < 16 * SEGMENT ? came / 8 : 16 * SEGMENT;

		GIVE(.at = at, .length = SEGMENT);
		assert_int_equal(tcp_client_may_wait(&t), at + SEGMENT - acked < most);
		if (!tcp_client_may_wait(&t)) {
			expect_ack(at + SEGMENT);
			acked = at + SEGMENT;
		}
	}
	assert_in_range(t.count.acks, 30, 60);
	GIVE(.at = at, .length = 10);
	assert_true(tcp_client_may_wait(&t));
	assert_true(stream_write(&t.stream, t.buffer, 100, now));
	assert_false(tcp_client_may_wait(&t));
	expect_data(0, 100);
	GIVE(.at = at + 10, .length = 10, .ack = 100);
	assert_true(tcp_client_may_wait(&t));
	GIVE(.at = at + 1000, .length = 1000); // a gap
	assert_false(tcp_client_may_wait(&t));
	expect_ack(at + 20);
	GIVE(.at = at + 2000, .length = 1000);
	assert_false(tcp_client_may_wait(&t));
	expect_ack(at + 20);
}

static void test_bytes_behind_a_gap_are_placed(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 2000, .length = 1000);
	assert_true(tcp_client_urgent(&t));
	expect_ack(0);
	expect_sack(1, (const uint32_t[]){2000, 3000});
	GIVE(.at = 5000, .length = 1000);
	assert_true(tcp_client_urgent(&t));
	expect_ack(0);
	expect_sack(2, (const uint32_t[]){5000, 6000, 2000, 3000});
	GIVE(.at = 3000, .length = 1000); // the range that grew is the newest
	expect_ack(0);
	expect_sack(2, (const uint32_t[]){2000, 4000, 5000, 6000});
	GIVE(.at = 0, .length = 2000);
	expect_ack(4000);
	expect_sack(1, (const uint32_t[]){5000, 6000});
	expect_read(4000, STREAM_OPEN);
	GIVE(.at = 4000, .length = 1000);
	expect_ack(6000);
	assert_int_equal(s.sack_count, 0);
	expect_read(6000, STREAM_OPEN);
	assert_int_equal(reader.aheads, 3000);
}

// The reader sees when a byte is given twice.
static void test_overlapping_segments(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 1000, .length = 1000);
	GIVE(.at = 3000, .length = 1000);
	GIVE(.at = 500, .length = 4000); // over both, and around
	expect_ack(0);
	expect_sack(1, (const uint32_t[]){500, 4500});
	GIVE(.at = 0, .length = 700);
	expect_ack(4500);
	GIVE(.at = 4000, .length = 1000); // half old
	expect_ack(5000);
	GIVE(.at = 6000, .length = 500);
	GIVE(.at = 5000, .length = 3000);
	expect_ack(8000);
	expect_read(8000, STREAM_OPEN);
}

static void test_duplicates_are_acknowledged_again(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 999, .length = 0); // a keep-alive
	expect_ack(1000);
	expect_read(1000, STREAM_OPEN);
}

static void test_more_gaps_than_places(void **state)
{
	(void)state;
	connect();
	for (int i = 1; i <= TCP_RANGES + 5; i++)
		GIVE(.at = 2000 * i, .length = 1000);
	expect_ack(0);
	assert_int_equal(t.range_count, TCP_RANGES);
	GIVE(.at = 3000, .length = 500); // grows one of them
	expect_ack(0);
	expect_sack(3, (const uint32_t[]){2000, 3500, 64000, 65000, 62000, 63000});
	for (int i = 0; i <= TCP_RANGES + 5; i++) {
		GIVE(.at = 2000 * i, .length = 2000);
		expect_ack(t.rcv_nxt - PEER_ISS - 1);
	}
	expect_read(2000 * (TCP_RANGES + 6), STREAM_OPEN);
}

static void test_reader_that_takes_nothing_behind_gaps(void **state)
{
	(void)state;
	connect();
	reader.behind = false;
	for (int i = 1; i <= 5; i++) {
		GIVE(.at = 1000 * i, .length = 1000);
		assert_int_equal(tcp_client_urgent(&t), i <= 3); // three duplicate ACKs, at once
		expect_ack(0);
		assert_int_equal(s.sack_count, 0);
	}
	for (int i = 0; i <= 5; i++)
		GIVE(.at = 1000 * i, .length = 1000);
	expect_ack(6000);
	expect_read(6000, STREAM_OPEN);
	GIVE(.at = 7000, .length = 1000); // the next gap
	assert_true(tcp_client_urgent(&t));
}

static void test_reader_that_takes_parts(void **state)
{
	(void)state;
	connect();
	reader.random = &entropy;
	reader.refuses = 700;
	for (int round = 0; round < 2000 && reader.at < 50000; round++) {
		GIVE(.at = reader.at + 1000 * (round % 3), .length = 1000);
		while (output())
			assert_int_equal(s.acknowledgment, PEER_ISS + 1 + (uint32_t)reader.at);
	}
	assert_true(reader.at >= 50000);
	assert_false(reader.wrong);
}

static void test_window_follows_the_room(void **state)
{
	(void)state;
	connect();
	reader.room = 0;
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	assert_int_equal((uint32_t)s.window << 6, (TCP_WINDOW - 1000) & ~63u); // never takes back
	for (uint64_t at = 1000; at < TCP_WINDOW; at += 64000)
		GIVE(.at = at, .length = TCP_WINDOW - at < 64000 ? TCP_WINDOW - at : 64000);
	expect_ack(TCP_WINDOW);
	assert_int_equal(s.window, 0);
	GIVE(.at = TCP_WINDOW, .length = 1); // its probe
	expect_ack(TCP_WINDOW);
	assert_int_equal(s.window, 0);
	reader.room = 100; // silly
	expect_silence();
	reader.room = 8000;
	assert_int_equal(tcp_client_deadline(&t), 0);
	expect_ack(TCP_WINDOW);
	assert_int_equal(s.window, 8000 >> 6);
	expect_silence();
	GIVE(.at = TCP_WINDOW, .length = 1000);
	expect_ack(TCP_WINDOW + 1000);
	expect_read(TCP_WINDOW + 1000, STREAM_OPEN);
}

static void test_old_timestamps_are_dropped(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000);
	expect_ack(1000);
	GIVE(.at = 1000, .length = 1000, .old_stamp = true); // RFC 7323: of an earlier round
	expect_ack(1000);
	GIVE(.at = 1000, .length = 1000, .no_stamp = true);
	expect_silence();
	expect_read(1000, STREAM_OPEN);
	now += 10;
	GIVE(.at = 1000, .length = 1000);
	expect_ack(2000);
	assert_int_equal(s.echo, PEER_STAMP + 10);
}

// What comes behind a gap does not count for echoes (RFC 7323 section 4.3).
static void test_echoes_are_of_what_is_acknowledged(void **state)
{
	(void)state;
	connect();
	now += 10;
	GIVE(.at = 1000, .length = 1000);
	expect_ack(0);
	assert_int_equal(s.echo, PEER_STAMP);
}

static void test_acks_of_nothing_sent(void **state)
{
	(void)state;
	connect();
	GIVE(.at = 0, .length = 1000, .ack = 1); // RFC 5961 section 5
	expect_ack(0);
	GIVE(.at = 0, .length = 1000, .ack = -70000);
	expect_ack(0);
	GIVE(.at = 0, .length = 1000, .no_ack = true);
	expect_silence();
	expect_read(0, STREAM_OPEN);
}

static void test_answers_to_nonsense_are_bounded(void **state)
{
	unsigned answers = 0;

	(void)state;
	connect();
	for (int i = 0; i < 1000; i++) {
		GIVE(.flags = TCP_SYN, .at = 77);
		while (output())
			answers++;
	}
	assert_in_range(answers, 1, 50);
	now += 1000;
	GIVE(.flags = TCP_SYN);
	expect_ack(0);
}

// ---- sending

static void test_request_is_sent_and_repeated(void **state)
{
	(void)state;
	connect();
	assert_true(stream_write(&t.stream, "GET / HTTP/1.1\r\n\r\n", 18, now));
	assert_int_equal(tcp_client_deadline(&t), 0);
	expect_data(0, 18);
	assert_memory_equal(payload.at, "GET /", 5);
	assert_true(s.flags & TCP_PSH);
	wait_for_deadline(200, 1000); // the round trip took no time
	expect_data(0, 18);
	wait_for_deadline(400, 2000);
	expect_data(0, 18);
	GIVE(.ack = 18);
	expect_silence();
	assert_int_equal(t.length, 0);
	now += 5;
	GIVE(.at = 0, .length = 1000, .ack = 18);
	expect_ack(1000);
}

static void test_written_before_it_stands(void **state)
{
	(void)state;
	tcp_client_start(&t, &config, now);
	tcp_reader_start(&reader, &t.stream, &file);
	assert_true(stream_write(&t.stream, "early", 5, now));
	assert_true(output());
	assert_int_equal(s.flags, TCP_SYN);
	assert_int_equal(reader_left(&payload), 0);
	answer.sequence = PEER_ISS;
	answer.acknowledgment = t.iss + 1;
	payload = reader_of("", 0);
	tcp_client_input(&t, &answer, &payload, now);
	expect_data(0, 5);
	expect_silence(); // the ACK went with it
}

static void test_large_request(void **state)
{
	static uint8_t bytes[STREAM_WRITE_MAX];

	(void)state;
	connect();
	assert_true(stream_write(&t.stream, bytes, 4000, now));
	assert_false(stream_write(&t.stream, bytes, 97, now)); // all or nothing
	assert_true(stream_write(&t.stream, bytes, 96, now));
	expect_data(0, 1448);
	expect_data(1448, 1448);
	expect_data(2896, 1200);
	expect_silence();
	GIVE(.ack = 1448);
	expect_silence();
	wait_for_deadline(200, 1000);
	expect_data(1448, 1448);
	expect_silence(); // one at a time after a timeout
	GIVE(.ack = 2896);
	expect_data(2896, 1200);
	GIVE(.ack = 4096);
	expect_silence();
	assert_true(stream_write(&t.stream, bytes, STREAM_WRITE_MAX, now));
}

static void test_no_silly_segments(void **state)
{
	static uint8_t bytes[3000];

	(void)state;
	answer.window = 1600;
	connect();
	assert_true(stream_write(&t.stream, bytes, 3000, now));
	expect_data(0, 1448);
	expect_silence(); // the rest of its window is not worth a segment
	GIVE(.ack = 1448, .window = 1600);
	expect_data(1448, 1448);
	GIVE(.ack = 2896, .window = 40);
	expect_data(2896, 40); // better than nothing
	expect_silence();
}

static void test_device_that_is_busy(void **state)
{
	(void)state;
	connect();
	assert_true(stream_write(&t.stream, "hello", 5, now));
	assert_true(tcp_client_output(&t, &s, &payload, now)); // not sent
	expect_data(0, 5);
	expect_silence();
}

static void test_zero_window_is_probed(void **state)
{
	(void)state;
	answer.window = 0;
	connect();
	assert_true(stream_write(&t.stream, "hello", 5, now));
	wait_for_deadline(200, 1000);
	expect_data(0, 1);
	GIVE(.closed = true);
	wait_for_deadline(400, 2000);
	expect_data(0, 1);
	GIVE(.ack = 0);
	expect_data(0, 5);
	GIVE(.ack = 5);
	expect_silence();
}

static void test_zero_window_for_ever(void **state)
{
	uint64_t begin_time = now;

	(void)state;
	answer.window = 0;
	connect();
	stream_await(&t.stream, false, now);
	assert_true(stream_write(&t.stream, "hello", 5, now));
	while (tcp_client_status(&t) == MACHINE_RUNNING) {
		assert_true(now - begin_time <= TCP_PATIENCE);
		while (output())
			GIVE(.closed = true);
		now = tcp_client_deadline(&t);
	}
	expect_fault(FAULT_TCP_STALLED, "(10.0.0.1 port 80 has had no room for our request for 15 s)");
	assert_true(s.flags & TCP_RST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, tcp_play_reset, tcp_play_free)
		CASE(test_syn_says_what_we_can),
		CASE(test_windows_of_2_mib),
		CASE(test_sequence_numbers_follow_the_pair_of_endpoints),
		CASE(test_syn_is_repeated_then_given_up),
		CASE(test_refused),
		CASE(test_forged_answers_while_connecting),
		CASE(test_unreachable),
		CASE(test_peer_without_options),
		CASE(test_peer_without_window_scale),
		CASE(test_odd_options_of_the_peer),
		CASE(test_one_ack_for_each_burst),
		CASE(test_acks_that_may_wait),
		CASE(test_bytes_behind_a_gap_are_placed),
		CASE(test_overlapping_segments),
		CASE(test_duplicates_are_acknowledged_again),
		CASE(test_more_gaps_than_places),
		CASE(test_reader_that_takes_nothing_behind_gaps),
		CASE(test_reader_that_takes_parts),
		CASE(test_window_follows_the_room),
		CASE(test_old_timestamps_are_dropped),
		CASE(test_echoes_are_of_what_is_acknowledged),
		CASE(test_acks_of_nothing_sent),
		CASE(test_answers_to_nonsense_are_bounded),
		CASE(test_request_is_sent_and_repeated),
		CASE(test_written_before_it_stands),
		CASE(test_large_request),
		CASE(test_no_silly_segments),
		CASE(test_device_that_is_busy),
		CASE(test_zero_window_is_probed),
		CASE(test_zero_window_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
