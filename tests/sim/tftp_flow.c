// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine against servers played packet by packet: block numbers, windows, strangers,
// timers, the end, and nonsense.
#include "netstack/wire/tftp.h"
#include "tests/sim/tftp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- block numbers

// A file of more than 4 GiB, so that block numbers wrap and sizes need more than 32 bits.
static bool big_write(struct sink *s, uint64_t offset, const void *bytes, size_t length, struct fault *f)
{
	(void)s;
	(void)bytes;
	(void)f;
	assert_int_equal(offset, sink.received);
	sink.received += length;
	return true;
}

static bool big_begin(struct sink *s, uint64_t size, struct fault *f)
{
	(void)s;
	(void)f;
	sink.announced = size;
	return true;
}

static bool big_commit(struct sink *s, uint64_t size, struct fault *f)
{
	(void)s;
	(void)f;
	assert_int_equal(size, sink.received);
	sink.commits++;
	return true;
}

static const struct sink_ops big_ops = {.begin = big_begin, .write = big_write, .commit = big_commit};

enum { BIG_BLOCK = 65464, BIG_BLOCKS = 66000 };

static void start_big(unsigned windowsize, const char *oack, size_t length)
{
	sink.sink.ops = &big_ops;
	config.blksize = BIG_BLOCK;
	config.windowsize = (uint16_t)windowsize;
	start(0);
	give_oack(oack, length);
	expect_ack(0);
}
#define START_BIG(windowsize, oack) start_big(windowsize, oack, sizeof oack)

static void test_numbers_roll_over_to_0(void **state)
{
	(void)state;
	START_BIG(2, "blksize\00065464\0windowsize\0002\0tsize\0004320624001");
	for (uint32_t n = 1; n <= BIG_BLOCKS; n++) {
		give_number((uint16_t)n, BIG_BLOCK);
		if (n % 2 == 0)
			expect_ack((uint16_t)n);
		now += n % 2;
	}
	give_number((uint16_t)(BIG_BLOCKS + 1), 1);
	expect_ack((uint16_t)(BIG_BLOCKS + 1));
	assert_int_equal(tftp_client_status(&t), MACHINE_DONE);
	assert_int_equal(t.received, (uint64_t)BIG_BLOCKS * BIG_BLOCK + 1);
	assert_int_equal(sink.commits, 1);
}

static void test_numbers_roll_over_to_1_in_lock_step(void **state)
{
	uint16_t number = 0;

	(void)state;
	START_BIG(1, "blksize\00065464");
	for (uint32_t n = 1; n <= BIG_BLOCKS; n++) {
		number = number == UINT16_MAX ? 1 : number + 1;
		give_number(number, BIG_BLOCK);
		expect_ack(number);
		give_number(number, BIG_BLOCK); // a duplicate
		expect_silence();
	}
	give_number((uint16_t)(number + 1), 0);
	expect_ack((uint16_t)(number + 1));
	assert_int_equal(t.received, (uint64_t)BIG_BLOCKS * BIG_BLOCK);
	assert_int_equal(sink.commits, 1);
}

// In a window, block 1 after 65535 is the one after a lost block 0, never the start of a new count.
static void test_lost_block_0_is_asked_for(void **state)
{
	(void)state;
	START_BIG(2, "blksize\00065464\0windowsize\0002");
	for (uint32_t n = 1; n <= UINT16_MAX; n++) {
		give_number((uint16_t)n, BIG_BLOCK);
		if (n % 2 == 0)
			expect_ack((uint16_t)n);
	}
	give_number(1, BIG_BLOCK);
	expect_ack(UINT16_MAX);
	give_number(0, BIG_BLOCK);
	expect_silence();
	give_number(1, BIG_BLOCK);
	expect_ack(1);
	assert_int_equal(t.block, 65537);
}

static void test_duplicates_are_not_answered(void **state)
{
	(void)state;
	start(5000);
	OACK("blksize\000512");
	expect_ack(0);
	OACK("blksize\000512");
	expect_silence();
	give_block(1);
	expect_ack(1);
	for (int i = 0; i < 5; i++) {
		give_block(1);
		expect_silence();
	}
	give_block(2);
	expect_ack(2);
	give_block(1);
	expect_silence();
	assert_int_equal(t.count.duplicates, 7);
}

static void test_gap_is_reported_once(void **state)
{
	(void)state;
	start_windows(10 * BLOCK);
	give_block(1);
	give_block(3);
	expect_ack(1);
	give_block(4);
	expect_silence();
	// The server goes on from block 2 with a new window.
	for (int block = 2; block <= 4; block++) {
		give_block(block);
		expect_silence();
	}
	give_block(5);
	expect_ack(5);
	assert_int_equal(t.count.gaps, 1);
	// Again in the next one.
	give_block(7);
	expect_ack(5);
	assert_int_equal(t.count.gaps, 2);
}

static void test_blocks_beyond_the_window_are_ignored(void **state)
{
	(void)state;
	start_windows(20 * BLOCK);
	give_block(5);
	expect_silence();
	give_block(9);
	expect_silence();
	give_number(40000, 100);
	expect_silence();
	give_block(4);
	expect_ack(0);
}

static void test_first_answer_must_be_block_1(void **state)
{
	(void)state;
	start(5000);
	give_data_from(TID, 2, 512);
	expect_silence();
	assert_false(t.answered);
	give_block(1);
	expect_ack(1);
}

// ---- other senders

static void test_foreign_port_gets_error_5(void **state)
{
	unsigned errors = 0;

	(void)state;
	start_windows(7000);
	give_data_from(OTHER_TID, 1, BLOCK);
	expect_error(TFTP_UNKNOWN_TID, OTHER_TID);
	expect_silence();
	assert_int_equal(t.block, 0);
	for (int i = 0; i < 100; i++) {
		give_data_from(OTHER_TID, 1, BLOCK);
		if (!output())
			continue;
		assert_int_equal(p.error_code, TFTP_UNKNOWN_TID);
		errors++;
	}
	assert_in_range(errors, 1, 8);
	give_block(1);
	assert_int_equal(t.block, 1);
}

static void test_foreign_address_is_not_heard(void **state)
{
	struct endpoint from = server;
	uint8_t packet[4 + 512] = {0, TFTP_DATA, 0, 1};

	(void)state;
	from.addr.bytes[3] = 66;
	from.port = TID;
	start(5000);
	tftp_client_input(&t, packet, sizeof packet, &from, now);
	tftp_client_input(&t, "\0\5\0\1gone", 9, &from, now);
	expect_silence();
	assert_int_equal(tftp_client_status(&t), MACHINE_RUNNING);
	assert_false(t.answered);
}

// ---- time

static void test_request_is_repeated_then_given_up(void **state)
{
	uint64_t begin = now;
	unsigned requests = 1;

	(void)state;
	start(700);
	wait_for_timer(500, 500);
	expect_request(ALL);
	wait_for_timer(1000, 1000);
	expect_request(ALL);
	requests += 2;
	for (;;) {
		expect_silence();
		now = tftp_client_deadline(&t);
		if (!output())
			break;
		requests++;
	}
	assert_int_equal(now - begin, 15000);
	expect_fault(FAULT_TFTP_SILENT, "10.0.0.1 was asked for \"vmlinuz\"");
	assert_true(requests >= 5);
}

static void test_timeouts_follow_the_round_trips(void **state)
{
	(void)state;
	start(100 * BLOCK);
	now += 40;
	OACK("blksize\0001428");
	expect_ack(0);
	assert_int_equal(t.rtt.rto, 40 + 4 * 20);
	for (int block = 1; block < 20; block++) {
		now += 40;
		give_block(block);
		expect_ack((uint16_t)block);
	}
	assert_int_equal(t.rtt.rto, 55); // no variation: 15 more than the round trip
	wait_for_timer(55, 55);
	expect_ack(19);
	wait_for_timer(110, 110);
	expect_ack(19);
	wait_for_timer(220, 220);
	expect_ack(19);
	// An answer now may be to any of the three: no sample (Karn), and the long timeout stays.
	now += 2;
	give_block(20);
	expect_ack(20);
	assert_int_equal(t.rtt.rto, 440);
	now += 40;
	give_block(21);
	expect_ack(21);
	assert_in_range(t.rtt.rto, 55, 75);
}

// Round trips that get shorter are a variation too (RFC 6298 section 2.3: its absolute value).
static void test_shorter_round_trips_count_as_variation(void **state)
{
	(void)state;
	start(100 * BLOCK);
	now += 400;
	OACK("blksize\0001428");
	expect_ack(0);
	assert_int_equal(t.rtt.rto, 400 + 4 * 200);
	now += 8;
	give_block(1);
	assert_int_equal(t.rtt.rto, 351 + 992); // srtt 400 - 392/8, rttvar 200 + (392 - 200)/4
}

static void test_timeouts_are_capped(void **state)
{
	(void)state;
	config.patience = 60000;
	start(100 * BLOCK);
	for (int i = 0; i < 5; i++) {
		now = tftp_client_deadline(&t);
		expect_request(ALL);
	}
	wait_for_timer(2000, 2000);
	expect_request(ALL);
	wait_for_timer(2000, 2000);
}

static void test_server_dies_half_way(void **state)
{
	(void)state;
	start_windows(100 * BLOCK);
	for (int block = 1; block <= 50; block++) {
		give_block(block);
		output();
		now += 1;
	}
	for (uint64_t begin = now; tftp_client_status(&t) == MACHINE_RUNNING; output()) {
		assert_true(now - begin <= 15000);
		now = tftp_client_deadline(&t);
	}
	expect_fault(FAULT_TFTP_STALLED, "after 71400 bytes");
}

// Blocks that come slowly, with their window behind them, are not asked for again and again.
static void test_slow_link_is_not_flooded(void **state)
{
	(void)state;
	start_windows(100 * BLOCK);
	give_block(1);
	give_block(3);
	expect_ack(1);
	now += t.rtt.rto - 1;
	give_block(4);
	now += t.rtt.rto - 1;
	expect_silence();
	give_block(2);
	expect_silence();
	assert_int_equal(t.count.timeouts, 0);
	// But old blocks without end do not hold the timer for ever.
	for (int i = 0; i < 100 && !t.count.timeouts; i++) {
		now += 50;
		give_block(1);
		output();
	}
	assert_int_equal(t.count.timeouts, 1);
}

// The end of a window is lost: after the timeout a whole window follows.
static void test_window_begins_anew_after_a_timeout(void **state)
{
	(void)state;
	start_windows(100 * BLOCK);
	give_block(1);
	give_block(2);
	now = tftp_client_deadline(&t);
	expect_ack(2);
	for (int block = 3; block <= 5; block++) {
		give_block(block);
		expect_silence();
	}
	give_block(6);
	expect_ack(6);
}

static void test_gap_after_a_timeout_is_reported(void **state)
{
	(void)state;
	start_windows(100 * BLOCK);
	give_block(2);
	expect_ack(0);
	now = tftp_client_deadline(&t);
	expect_ack(0);
	give_block(2);
	expect_ack(0);
	give_block(1);
	expect_silence();
}

static void test_last_ack_is_repeated(void **state)
{
	(void)state;
	start(700);
	fetch_in_lock_step(2);
	expect_done();
	for (int i = 0; i < 8; i++) {
		give_block(2);
		expect_ack(2);
		expect_silence();
	}
	give_block(2);
	expect_silence();
	expect_done();
	give_data_from(OTHER_TID, 1, 512);
	expect_error(TFTP_UNKNOWN_TID, OTHER_TID);
}

static void test_unreachable_counts_before_the_first_answer(void **state)
{
	const struct endpoint asked = {.addr = server.addr, .port = TFTP_PORT};
	struct fault why;

	(void)state;
	fault_set(&why, FAULT_PORT_CLOSED, "(10.0.0.1, UDP port 69)");
	start(700);
	tftp_client_unreachable(&t, &asked, &why, now);
	expect_fault(FAULT_PORT_CLOSED, "UDP port 69");
	expect_silence();
	tftp_play_reset(NULL);
	start(700);
	give_block(1);
	tftp_client_unreachable(&t, &asked, &why, now);
	expect_ack(1);
	give_block(2);
	expect_ack(2);
	expect_done();
}

// ---- nonsense

static void test_every_truncation(void **state)
{
	static const char oack[] = "\0\6blksize\0001428\0tsize\0007000\0windowsize\0004";

	(void)state;
	for (size_t length = 0; length < sizeof oack; length++) {
		tftp_play_reset(NULL);
		start(7000);
		give(oack, length, TID);
		while (output())
			;
		assert_int_equal(tftp_client_status(&t), MACHINE_RUNNING);
	}
	for (size_t length = 0; length < 4; length++) {
		tftp_play_reset(NULL);
		start(7000);
		give("\0\3\0\1", length, TID);
		give("\0\5\0\1", length, TID);
		expect_silence();
	}
}

static void test_random_packets(void **state)
{
	uint8_t packet[64];

	(void)state;
	for (int round = 0; round < 300; round++) {
		tftp_play_reset(NULL);
		random_seed(&entropy, (const uint8_t[16]){(uint8_t)round, (uint8_t)(round >> 8), 3});
		config.size_only = round % 5 == 0;
		start(7000);
		for (int i = 0; i < 100; i++) {
			size_t length = random_below(&entropy, sizeof packet);

			for (size_t k = 0; k < length; k++)
				packet[k] = (uint8_t)random_u32(&entropy);
			if (random_below(&entropy, 4)) {
				packet[0] = 0;
				packet[1] = (uint8_t)random_below(&entropy, 8);
				packet[2] = 0;
				packet[3] = (uint8_t)random_below(&entropy, 6);
			}
			give(packet, length, (uint16_t)(TID + (random_below(&entropy, 8) == 0)));
			for (int k = 0; output(); k++)
				assert_true(k < 4);
			now += random_below(&entropy, 300);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_play_reset)
		CASE(test_numbers_roll_over_to_0),
		CASE(test_numbers_roll_over_to_1_in_lock_step),
		CASE(test_lost_block_0_is_asked_for),
		CASE(test_duplicates_are_not_answered),
		CASE(test_gap_is_reported_once),
		CASE(test_blocks_beyond_the_window_are_ignored),
		CASE(test_first_answer_must_be_block_1),
		CASE(test_foreign_port_gets_error_5),
		CASE(test_foreign_address_is_not_heard),
		CASE(test_request_is_repeated_then_given_up),
		CASE(test_timeouts_follow_the_round_trips),
		CASE(test_shorter_round_trips_count_as_variation),
		CASE(test_timeouts_are_capped),
		CASE(test_server_dies_half_way),
		CASE(test_slow_link_is_not_flooded),
		CASE(test_window_begins_anew_after_a_timeout),
		CASE(test_gap_after_a_timeout_is_reported),
		CASE(test_last_ack_is_repeated),
		CASE(test_unreachable_counts_before_the_first_answer),
		CASE(test_every_truncation),
		CASE(test_random_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
