// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine's ACKs ahead of their blocks, against servers played packet by packet.
#include "netstack/wire/tftp.h"
#include "tests/sim/tftp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { AHEAD = 4, EVERY = 16, BLOCKS = 100, LAST_SIZE = 7 };

#define OPTIONS "blksize\0001428\0tsize\000142807"

static uint64_t acked; // the newest ACK that the server has seen

// A lock-step server that has told the size of a file of 100 blocks and a little more.
static void start_ahead(void)
{
	config.windowsize = 1;
	config.ahead = AHEAD;
	start(BLOCKS * BLOCK + LAST_SIZE);
	OACK(OPTIONS);
	expect_ack(0);
	expect_silence();
	acked = 0;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

// Block `n` comes; the ACKs that follow are those up to `limit`.
static void block_then_acks(uint64_t n, uint64_t limit)
{
	give_block(n);
	while (acked < limit)
		expect_ack((uint16_t)++acked);
	expect_silence();
}

static void fetch_ahead(uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++)
		block_then_acks(n, at_most(n + at_most(AHEAD, n / EVERY), BLOCKS));
}

// Slowly more, never for the block that ends the file.
static void test_acks_run_ahead(void **state)
{
	(void)state;
	start_ahead();
	fetch_ahead(1, BLOCKS);
	block_then_acks(BLOCKS + 1, BLOCKS + 1);
	expect_done();
	assert_int_equal(sink.begins, 1);
}

// A file of whole blocks ends with an empty one.
static void test_end_of_whole_blocks(void **state)
{
	(void)state;
	config.windowsize = 1;
	config.ahead = AHEAD;
	start(BLOCKS * BLOCK);
	OACK("blksize\0001428\0tsize\000142800");
	expect_ack(0);
	acked = 0;
	fetch_ahead(1, BLOCKS);
	block_then_acks(BLOCKS + 1, BLOCKS + 1);
	expect_done();
}

static void plain_lock_step(void)
{
	expect_ack(0);
	fetch_in_lock_step(BLOCKS);
	expect_silence();
	give_block(BLOCKS + 1);
	expect_ack(BLOCKS + 1);
	expect_done();
}

static void test_no_size_no_acks_ahead(void **state)
{
	(void)state;
	config.windowsize = 1;
	config.ahead = AHEAD;
	start(BLOCKS * BLOCK + LAST_SIZE);
	OACK("blksize\0001428");
	plain_lock_step();
}

static void test_not_where_there_are_windows(void **state)
{
	(void)state;
	config.ahead = AHEAD;
	start(BLOCKS * BLOCK + LAST_SIZE);
	OACK(OPTIONS "\0windowsize\0002");
	expect_ack(0);
	for (uint64_t n = 1; n <= BLOCKS; n++) {
		give_block(n);
		if (n % 2 == 0)
			expect_ack((uint16_t)n);
		expect_silence();
	}
}

static bool any_begin(struct sink *s, uint64_t size, struct fault *f)
{
	(void)s;
	(void)size;
	(void)f;
	return true;
}

static bool any_write(struct sink *s, uint64_t offset, const void *bytes, size_t length, struct fault *f)
{
	(void)bytes;
	(void)length;
	return any_begin(s, offset, f);
}

// Servers disagree about the number after 65535: nothing beyond it is acknowledged before it comes.
static void test_not_across_the_roll_over(void **state)
{
	static const struct sink_ops any = {.begin = any_begin, .write = any_write};

	(void)state;
	config.windowsize = 1;
	config.ahead = AHEAD;
	config.blksize = 8;
	sink.sink.ops = &any;
	start(70000 * 8 + 1);
	OACK("blksize\0008\0tsize\000560001");
	expect_ack(0);
	acked = 0;
	for (uint64_t n = 1; n <= UINT16_MAX; n++) {
		give_number((uint16_t)n, 8);
		while (acked < at_most(n + at_most(AHEAD, n / EVERY), UINT16_MAX))
			expect_ack((uint16_t)++acked);
		expect_silence();
	}
	give_number(0, 8);
	for (uint16_t n = 0; n <= AHEAD; n++)
		expect_ack(n);
	expect_silence();
}

static void oack_from(uint16_t port)
{
	static const uint8_t oack[] = "\0\6" OPTIONS;

	give(oack, sizeof oack, port);
}

// From the beginning, at a new port of the server's; the old one is told to stop, and may be closed
// when it is told again.
static void expect_restart(uint16_t old, uint16_t new)
{
	const struct endpoint stopped = {.addr = server.addr, .port = old};
	struct fault closed;

	fault_set(&closed, FAULT_PORT_CLOSED, "(10.0.0.1, UDP port %u)", old);
	expect_error(TFTP_UNKNOWN_TID, old);
	expect_request(ALL & ~TFTP_HAS_WINDOWSIZE);
	expect_silence();
	give_data_from(old, 1, BLOCK); // still on its way
	expect_error(TFTP_UNKNOWN_TID, old);
	tftp_client_unreachable(&t, &stopped, &closed, now);
	oack_from(new);
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_ACK);
	assert_int_equal(p.block, 0);
	assert_int_equal(sent_to.port, new);
	expect_silence();
}

// Blocks 1 to `n` from that port; gives the newest ACK.
static uint16_t blocks_from(uint16_t port, uint64_t n)
{
	for (uint64_t i = 1; i <= n; i++) {
		give_data_from(port, i, i == BLOCKS + 1 ? LAST_SIZE : BLOCK);
		while (output())
			assert_int_equal(p.opcode, TFTP_ACK);
	}
	return p.block;
}

static void test_a_lost_block_begins_the_file_again(void **state)
{
	(void)state;
	start_ahead();
	fetch_ahead(1, 80);
	give_block(82); // 81 is lost, and its ACK was sent
	expect_restart(TID, OTHER_TID);
	assert_int_equal(t.ahead, AHEAD / 2);
	assert_int_equal(t.count.restarts, 1);
	assert_int_equal(blocks_from(OTHER_TID, 80), 80 + AHEAD / 2);
	give_data_from(OTHER_TID, 83, BLOCK);
	expect_restart(OTHER_TID, TID);
	assert_int_equal(t.ahead, 0);
	assert_int_equal(blocks_from(TID, BLOCKS + 1), BLOCKS + 1);
	expect_done();
	assert_int_equal(sink.begins, 1);
	assert_int_equal(sink.written, file.size); // what came again was compared
	assert_int_equal(sink.compared, 80 * BLOCK + 80 * BLOCK);
}

// A block that nobody has asked for yet is nonsense, not a sign of loss.
static void test_blocks_beyond_the_acks_are_ignored(void **state)
{
	(void)state;
	start_ahead();
	fetch_ahead(1, 80);
	give_block(80 + AHEAD + 2);
	expect_silence();
	give_block(79);
	expect_silence();
	assert_int_equal(t.count.restarts, 0);
	fetch_ahead(81, BLOCKS);
}

static void test_an_error_in_between_is_tried_again(void **state)
{
	(void)state;
	start_ahead();
	fetch_ahead(1, 80);
	ERROR(4, "illegal TFTP operation");
	expect_restart(TID, OTHER_TID);
	blocks_from(OTHER_TID, 10); // none ahead yet
	give_error(OTHER_TID, 0, "disk on fire", 13);
	expect_silence();
	expect_fault(FAULT_TFTP_ERROR, "disk on fire");
}

// A server that throws away what has come before it asks: the newest block is acknowledged once more,
// then those after it; after several times in lock-step only.
static void test_acks_ahead_that_are_thrown_away(void **state)
{
	uint64_t n = 70;

	(void)state;
	start_ahead();
	fetch_ahead(1, n);
	for (unsigned i = 1; i <= 4; i++) {
		now = tftp_client_deadline(&t);
		expect_ack((uint16_t)n);
		for (uint64_t k = 1; i < 4 && k <= AHEAD; k++)
			expect_ack((uint16_t)(n + k));
		expect_silence();
		give_block(++n);
		if (i < 4)
			expect_ack((uint16_t)(n + AHEAD));
	}
	for (; n <= BLOCKS; n++) {
		expect_ack((uint16_t)n);
		expect_silence();
		give_block(n + 1);
	}
	expect_ack(BLOCKS + 1);
	expect_done();
	assert_int_equal(sink.begins, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_play_reset)
		CASE(test_acks_run_ahead),
		CASE(test_end_of_whole_blocks),
		CASE(test_no_size_no_acks_ahead),
		CASE(test_not_where_there_are_windows),
		CASE(test_not_across_the_roll_over),
		CASE(test_a_lost_block_begins_the_file_again),
		CASE(test_blocks_beyond_the_acks_are_ignored),
		CASE(test_an_error_in_between_is_tried_again),
		CASE(test_acks_ahead_that_are_thrown_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
