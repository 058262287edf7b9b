// SPDX-License-Identifier: BSD-2-Clause
// netascii transfers of the TFTP server machine: blocks do not begin where the file's would, and are
// made again after losses.
#include "tests/sim/tftp_server_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint8_t wire[40000];

// What has to arrive, made of the whole file at once.
static size_t translated(void)
{
	size_t length = 0;

	for (uint64_t i = 0; i < file.size; i++) {
		uint8_t byte;

		sim_file_read(&file, i, &byte, 1);
		if (byte == '\n' || byte == '\r')
			wire[length++] = '\r';
		wire[length++] = byte == '\r' ? 0 : byte;
	}
	return length;
}

static void expect_netascii(uint64_t block, size_t whole)
{
	size_t begin = (block - 1) * s.blksize;
	size_t length = whole - begin < s.blksize ? whole - begin : s.blksize;

	assert_true(output());
	assert_int_equal(p.opcode, TFTP_DATA);
	assert_int_equal(p.block, (uint16_t)block);
	assert_int_equal(reader_left(&p.data), length);
	assert_memory_equal(p.data.at, wire + begin, length);
}

static size_t start_netascii(uint32_t blksize, uint32_t windowsize)
{
	struct tftp_options o = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_WINDOWSIZE | TFTP_HAS_TSIZE,
		.blksize = blksize,
		.windowsize = windowsize,
	};

	start(TFTP_RRQ, file.name, "NetASCII", &o);
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_OACK);
	assert_int_equal(p.options.has, TFTP_HAS_BLKSIZE | TFTP_HAS_WINDOWSIZE);
	give_ack(0);
	return translated();
}

static void test_netascii_in_windows_with_losses(void **state)
{
	size_t whole, last;

	(void)state;
	for (uint32_t blksize = 8; blksize < 60; blksize += 7) {
		whole = start_netascii(blksize, 64);
		assert_true(whole > file.size);
		last = whole / blksize + 1;
		for (uint64_t acked = 0; acked < last;) {
			uint64_t end = acked + 64 < last ? acked + 64 : last;

			for (uint64_t block = acked + 1; block <= end; block++)
				expect_netascii(block, whole);
			expect_silence();
			acked = end - acked > 10 ? end - acked / blksize % 9 : end;
			give_ack(acked);
		}
		assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
	}
}

static void test_netascii_ends_with_an_empty_block(void **state)
{
	size_t whole;

	(void)state;
	for (file.size = 1; translated() % 64; file.size++)
		continue;
	whole = start_netascii(64, 2);
	for (uint64_t block = 1; block <= whole / 64 + 1; block++) {
		expect_netascii(block, whole);
		give_ack(block);
	}
	assert_int_equal(sent_length, 4);
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
}

static void test_netascii_without_options(void **state)
{
	struct tftp_options o = {.has = TFTP_HAS_TSIZE};
	size_t whole;

	(void)state;
	start(TFTP_RRQ, file.name, "netascii", &o); // and no size: the answer is DATA at once
	whole = translated();
	for (uint64_t block = 1; block <= whole / 512 + 1; block++) {
		expect_netascii(block, whole);
		expect_silence();
		give_ack(block);
	}
	assert_int_equal(tftp_server_status(&s), MACHINE_DONE);
	start(TFTP_RRQ, file.name, "netascii", NULL);
	file_gone = true;
	expect_error(TFTP_UNDEFINED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_server_play_reset)
		CASE(test_netascii_in_windows_with_losses),
		CASE(test_netascii_ends_with_an_empty_block),
		CASE(test_netascii_without_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
