// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine with a file that an earlier try has left half-way: what is there is passed
// over, and compared with what comes.
#include "netstack/wire/tftp.h"
#include "tests/sim/tftp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS = 100, SIZE = BLOCKS * BLOCK + 7, HALF = 50 };

#define SIZED "blksize\0001428\0tsize\000142807"

static void fall_silent(void)
{
	while (tftp_client_status(&t) == MACHINE_RUNNING) {
		now = tftp_client_deadline(&t);
		output();
	}
	expect_fault(FAULT_TFTP_STALLED, "after 71400 bytes");
}

// Half of the file from one server, by which its size was told or not; then the request to the next.
static void go_on_with_half(const char *oack, size_t length)
{
	config.windowsize = 1;
	start(SIZE);
	give_oack(oack, length);
	expect_ack(0);
	fetch_in_lock_step(HALF);
	fall_silent();
	assert_int_equal(t.kept, HALF * BLOCK);
	config.kept = t.kept;
	config.size = t.announced;
	start(SIZE);
}
#define GO_ON_WITH_HALF(oack) go_on_with_half(oack, sizeof oack)

static void fetch_the_rest(uint64_t from)
{
	for (uint64_t block = from; block <= BLOCKS + 1; block++) {
		give_block(block);
		expect_ack((uint16_t)block);
	}
	expect_done();
}

static void test_what_is_there_is_passed_over(void **state)
{
	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK(SIZED);
	expect_ack(0);
	fetch_in_lock_step(10);
	assert_int_equal(t.received, 10 * BLOCK);
	assert_int_equal(t.kept, HALF * BLOCK);
	fetch_the_rest(11);
	assert_int_equal(sink.begins, 1);
	assert_int_equal(sink.compared, HALF * BLOCK);
	assert_int_equal(sink.written, SIZE);
}

// Blocks of 1000 bytes: in one of them what is there ends and what is new begins.
static void test_another_block_size(void **state)
{
	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK("blksize\0001000\0tsize\000142807");
	expect_ack(0);
	fetch_in_lock_step(142);
	give_block(143);
	expect_ack(143);
	expect_done();
	assert_int_equal(sink.compared, HALF * BLOCK);
	assert_int_equal(sink.written, SIZE);
}

static void test_the_third_server_goes_on(void **state)
{
	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK(SIZED);
	expect_ack(0);
	fetch_in_lock_step(10);
	ERROR(0, "out of memory");
	expect_fault(FAULT_TFTP_ERROR, "out of memory");
	assert_int_equal(t.kept, HALF * BLOCK);
	config.kept = t.kept;
	start(SIZE);
	OACK(SIZED);
	expect_ack(0);
	fetch_the_rest(1);
	assert_int_equal(sink.written, SIZE);
}

static void test_another_size_is_another_file(void **state)
{
	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK("blksize\0001428\0tsize\000142806");
	expect_error(TFTP_UNDEFINED, TID);
	expect_fault(FAULT_FILE_DIFFERS, "\"vmlinuz\" from 10.0.0.1: its size is now 142806");
	assert_int_equal(t.kept, 0);
	assert_int_equal(sink.begins, 1);
}

static void test_other_bytes_are_another_file(void **state)
{
	uint8_t packet[4 + BLOCK] = {0, TFTP_DATA, 0, 2};

	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK(SIZED);
	expect_ack(0);
	give_block(1);
	expect_ack(1);
	sim_file_read(&file, BLOCK, packet + 4, BLOCK);
	packet[4 + BLOCK - 1] ^= 1;
	give(packet, sizeof packet, TID);
	expect_error(TFTP_UNDEFINED, TID);
	expect_fault(FAULT_FILE_DIFFERS, "other bytes behind byte 1428");
	assert_int_equal(t.kept, 0);
	assert_int_equal(sink.written, HALF * BLOCK);
}

// Neither server tells sizes, and the second one's file ends before what is there does.
static void test_a_shorter_file_is_another_one(void **state)
{
	(void)state;
	GO_ON_WITH_HALF("blksize\0001428");
	OACK("blksize\0001428");
	expect_ack(0);
	fetch_in_lock_step(20);
	give_data_from(TID, 21, 100);
	expect_ack(21);
	expect_fault(FAULT_FILE_DIFFERS, "its size is now 28660");
	assert_int_equal(sink.commits, 0);
}

// The size that the first server has told holds for one that tells none.
static void test_the_size_is_remembered(void **state)
{
	(void)state;
	GO_ON_WITH_HALF(SIZED);
	OACK("blksize\0001428");
	expect_ack(0);
	fetch_in_lock_step(BLOCKS);
	give_data_from(TID, BLOCKS + 1, 6);
	expect_ack(BLOCKS + 1);
	expect_fault(FAULT_FILE_SIZE, "142807 bytes announced, 142806 came");
	assert_int_equal(t.kept, 0);
}

static void test_the_size_is_told_later(void **state)
{
	(void)state;
	GO_ON_WITH_HALF("blksize\0001428");
	assert_true(config.size == SINK_SIZE_UNKNOWN);
	OACK(SIZED);
	expect_ack(0);
	fetch_in_lock_step(BLOCKS);
	give_data_from(TID, BLOCKS + 1, 8);
	expect_error(TFTP_UNDEFINED, TID);
	expect_fault(FAULT_FILE_SIZE, "142807 bytes announced, more than 142800 came");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_play_reset)
		CASE(test_what_is_there_is_passed_over),
		CASE(test_another_block_size),
		CASE(test_the_third_server_goes_on),
		CASE(test_another_size_is_another_file),
		CASE(test_other_bytes_are_another_file),
		CASE(test_a_shorter_file_is_another_one),
		CASE(test_the_size_is_remembered),
		CASE(test_the_size_is_told_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
