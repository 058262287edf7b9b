// SPDX-License-Identifier: BSD-2-Clause
// The TFTP server machine against clients played packet by packet.
#include "tests/sim/tftp_server_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_plain_request(void **state)
{
	(void)state;
	file.size = 1024;
	start(TFTP_RRQ, file.name, "OCTET", NULL);
	expect_blocks(1, 1);
	give_ack(1);
	expect_blocks(2, 2);
	give_ack(2);
	expect_blocks(3, 3); // empty
	assert_int_equal(sent_length, 4);
	give_ack(3);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
	assert_int_equal(tftp_server_deadline(&s), DEADLINE_NEVER);
}

static void test_windows(void **state)
{
	(void)state;
	start_windows(4);
	give_ack(0);
	expect_blocks(1, 4);
	give_ack(4);
	expect_blocks(5, 8);
	give_ack(8);
	expect_blocks(9, 11);
	give_ack(11);
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
}

static void test_options_are_clamped(void **state)
{
	struct tftp_options o = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_WINDOWSIZE,
		.blksize = 65464,
		.windowsize = 65535,
	};

	(void)state;
	config.windowsize_max = 8;
	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.options.has, o.has);
	assert_int_equal(p.options.blksize, 1468);
	assert_int_equal(p.options.windowsize, 8);
}

static void test_refusals(void **state)
{
	(void)state;
	start(TFTP_WRQ, file.name, "octet", NULL);
	expect_error(TFTP_ACCESS_VIOLATION);
	start(TFTP_RRQ, file.name, "mail", NULL);
	expect_error(TFTP_UNDEFINED);
	start(TFTP_RRQ, "../etc/shadow", "octet", NULL);
	expect_error(TFTP_ACCESS_VIOLATION);
	assert_string_equal((const char *)p.text.at, "not for you");
	tftp_server_start(&s, &config, "\0\1name", 6, &client, now);
	expect_error(TFTP_ILLEGAL_OPERATION);
}

static void test_repeated_ack_in_lock_step_brings_no_data(void **state)
{
	(void)state;
	start(TFTP_RRQ, file.name, "octet", NULL);
	expect_blocks(1, 1);
	give_ack(1);
	expect_blocks(2, 2);
	give_ack(1);
	give_ack(1);
	give_ack(0);
	expect_silence();
	now = tftp_server_deadline(&s);
	expect_blocks(2, 2);
}

static void test_gap_is_filled_once(void **state)
{
	(void)state;
	start_windows(4);
	give_ack(0);
	expect_blocks(1, 4);
	give_ack(2); // 3 is missing
	expect_blocks(3, 6);
	give_ack(2);
	expect_silence();
	give_ack(6);
	expect_blocks(7, 10);
	give_ack(6); // 7 is missing
	expect_blocks(7, 10);
	now += 49;
	give_ack(6); // a duplicate on the wire
	expect_silence();
	now += 1;
	give_ack(6); // still missing
	expect_blocks(7, 10);
	give_ack(6);
	expect_silence();
	give_ack(40); // never sent
	give_ack(5);  // long ago
	expect_silence();
}

// The timer follows the round trips; one after a timeout may belong to either sending and does not
// count (Karn).
static void test_timeouts_follow_the_round_trips(void **state)
{
	(void)state;
	start_windows(2);
	now += 40;
	give_ack(0);
	expect_blocks(1, 2);
	for (uint64_t block = 2; block <= 6; block += 2) {
		now += 40;
		give_ack(block);
		expect_blocks(block + 1, block + 2);
	}
	assert_int_equal(s.rtt.rto, 100); // the least
	assert_int_equal(tftp_server_deadline(&s), now + 100);
	now += 100;
	expect_blocks(7, 8);
	assert_int_equal(tftp_server_deadline(&s), now + 200);
	now += 1;
	give_ack(8);
	assert_int_equal(s.rtt.rto, 200);
	expect_blocks(9, 10);
	now += 40;
	give_ack(10);
	assert_int_equal(s.rtt.rto, 100);
}

static void test_foreign_ack_is_ignored(void **state)
{
	(void)state;
	start_windows(4);
	give_ack_from(2001, 0);
	expect_silence();
	give_ack(0);
	expect_blocks(1, 4);
}

static void test_client_that_vanishes(void **state)
{
	uint64_t begin = now;
	unsigned packets = 0;

	(void)state;
	start_windows(4);
	give_ack(0);
	expect_blocks(1, 4);
	while (tftp_server_status(&s) == MACHINE_RUNNING) {
		now = tftp_server_deadline(&s);
		while (output())
			packets++;
	}
	assert_int_equal(now - begin, 15000);
	assert_int_equal(s.fault.id, FAULT_TFTP_STALLED);
	assert_in_range(packets, 16, 40);
}

static void test_client_wants_only_the_size(void **state)
{
	(void)state;
	start_windows(4);
	tftp_server_input(&s, "\0\5\0\10", 5, &client, now);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
	start_windows(4);
	tftp_server_input(&s, "\0\5\0\3full", 9, &client, now);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_FAILED);
}

static void test_file_that_cannot_be_read_any_more(void **state)
{
	(void)state;
	start_windows(4);
	give_ack(0);
	file_gone = true;
	expect_error(TFTP_UNDEFINED);
	assert_int_equal(s.fault.id, FAULT_FILE_SIZE);
}

static void test_numbers_roll_over(void **state)
{
	(void)state;
	file.size = 66000 * 1000ull + 1;
	start_windows(64);
	give_ack(0);
	while (tftp_server_status(&s) == MACHINE_RUNNING) {
		while (output())
			;
		give_ack(s.sent);
	}
	assert_int_equal(s.acked, 66001);
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
}

// ---- clients that may not exist

static unsigned packets_until_the_end(void)
{
	unsigned packets = 0;

	while (tftp_server_status(&s) == MACHINE_RUNNING) {
		now = tftp_server_deadline(&s);
		while (output())
			packets++;
	}
	return packets;
}

static void test_forged_address_gets_three_packets(void **state)
{
	uint64_t begin = now;

	(void)state;
	start(TFTP_RRQ, file.name, "octet", NULL);
	assert_int_equal(packets_until_the_end(), 3);
	assert_int_equal(now - begin, 5000);
	assert_int_equal(s.fault.id, FAULT_TFTP_STALLED);
	start_windows(64);
	assert_int_equal(packets_until_the_end(), 2); // after the first one
}

static void test_request_again(void **state)
{
	(void)state;
	start(TFTP_RRQ, file.name, "octet", NULL);
	expect_blocks(1, 1);
	now += 99;
	tftp_server_again(&s, now); // a duplicate on the wire
	expect_silence();
	now += 1;
	tftp_server_again(&s, now);
	expect_blocks(1, 1);
	give_ack(1);
	expect_blocks(2, 2);
	now += 200;
	tftp_server_again(&s, now); // too late to be meant
	expect_silence();
	start_windows(4);
	now += 200;
	tftp_server_again(&s, now);
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_OACK);
	expect_silence();
}

// ---- options

static void test_timeout_is_the_longest_pause(void **state)
{
	struct tftp_options o = {.has = TFTP_HAS_TIMEOUT, .timeout = 1};

	(void)state;
	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_OACK);
	assert_int_equal(p.options.timeout, 1);
	give_ack(0);
	expect_blocks(1, 1);
	for (int i = 0; i < 5; i++) {
		assert_in_range(tftp_server_deadline(&s) - now, 1, 1000);
		now = tftp_server_deadline(&s);
		expect_blocks(1, 1);
	}
}

static void test_window_in_bytes(void **state)
{
	struct tftp_options o = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_WINDOWSIZE, .blksize = 1000, .windowsize = 64};

	(void)state;
	config.window_bytes = 4999;
	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.options.windowsize, 4);
	config.window_bytes = 500;
	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.options.windowsize, 1);
	config.window_bytes = 0;
	config.windowsize_max = 65535;
	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.options.windowsize, 64);
}

// PXE ROMs ask for the size, end that with code 0, and ask again.
static void test_rom_asks_for_the_size(void **state)
{
	(void)state;
	start_windows(4);
	tftp_server_input(&s, "\0\5\0\0TFTP Aborted", 17, &client, now);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
	start_windows(4);
	give_ack(0);
	expect_blocks(1, 4);
	tftp_server_input(&s, "\0\5\0\0disk\nfull", 14, &client, now);
	assert_int_equal(tftp_server_status(&s), MACHINE_FAILED);
	assert_string_equal(s.why, "the client ended it: disk?full");
	assert_false(tftp_server_all_sent(&s));
}

static void test_last_acknowledgement_is_missing(void **state)
{
	(void)state;
	file.size = 2000;
	start_windows(4);
	give_ack(0);
	assert_false(tftp_server_all_sent(&s));
	expect_blocks(1, 3);
	assert_true(tftp_server_all_sent(&s));
	packets_until_the_end();
	assert_int_equal(s.fault.id, FAULT_TFTP_STALLED);
	assert_true(tftp_server_all_sent(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_server_play_reset)
		CASE(test_plain_request),
		CASE(test_windows),
		CASE(test_options_are_clamped),
		CASE(test_refusals),
		CASE(test_repeated_ack_in_lock_step_brings_no_data),
		CASE(test_gap_is_filled_once),
		CASE(test_timeouts_follow_the_round_trips),
		CASE(test_foreign_ack_is_ignored),
		CASE(test_client_that_vanishes),
		CASE(test_client_wants_only_the_size),
		CASE(test_file_that_cannot_be_read_any_more),
		CASE(test_numbers_roll_over),
		CASE(test_forged_address_gets_three_packets),
		CASE(test_request_again),
		CASE(test_timeout_is_the_longest_pause),
		CASE(test_window_in_bytes),
		CASE(test_rom_asks_for_the_size),
		CASE(test_last_acknowledgement_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
