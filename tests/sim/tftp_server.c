// SPDX-License-Identifier: BSD-2-Clause
// The TFTP server machine against clients played packet by packet.
#include "netstack/wire/tftp.h"
#include "server-stub/machine/tftp_server.h"
#include "tests/sim/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t now;
static uint8_t sent[2000];
static size_t sent_length;
static struct endpoint to;

static const struct endpoint client = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 9}}, .port = 2000};

static struct sim_file file;
static struct tftp_server s;
static struct tftp_server_config config;
static struct tftp_packet p;
static bool file_gone;

static bool open_file(void *owner, const char *name, uint64_t *size, uint16_t *code, const char **text)
{
	(void)owner;
	*size = file.size;
	*code = TFTP_ACCESS_VIOLATION;
	*text = "not for you";
	return strcmp(name, file.name) == 0;
}

static bool read_file(void *owner, uint64_t offset, void *bytes, size_t length)
{
	(void)owner;
	assert_true(offset + length <= file.size);
	sim_file_read(&file, offset, bytes, length);
	return !file_gone;
}

static int set_up(void **state)
{
	(void)state;
	now = 3000;
	file = (struct sim_file){.name = "vmlinuz", .size = 10000, .seed = 4};
	file_gone = false;
	config = (struct tftp_server_config){.open = open_file, .read = read_file};
	return 0;
}

static bool output(void)
{
	struct writer w = writer_of(sent, sizeof sent);

	if (!tftp_server_output(&s, &w, &to, now))
		return false;
	sent_length = writer_length(&w);
	assert_true(tftp_read(&p, sent, sent_length));
	assert_true(ipaddr_equal(&to.addr, &client.addr));
	assert_int_equal(to.port, client.port);
	return true;
}

static void expect_silence(void)
{
	assert_false(output());
}

static void expect_block(uint64_t block)
{
	uint8_t right[1500];
	size_t length;

	assert_true(output());
	assert_int_equal(p.opcode, TFTP_DATA);
	assert_int_equal(p.block, (uint16_t)block);
	length = reader_left(&p.data);
	sim_file_read(&file, (block - 1) * s.blksize, right, length);
	assert_memory_equal(p.data.at, right, length);
	assert_int_equal(length, file.size - (block - 1) * s.blksize < s.blksize
					 ? file.size - (block - 1) * s.blksize
					 : s.blksize);
}

static void expect_blocks(uint64_t from, uint64_t last)
{
	for (uint64_t block = from; block <= last; block++)
		expect_block(block);
	expect_silence();
}

static void expect_error(uint16_t code)
{
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_ERROR);
	assert_int_equal(p.error_code, code);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_FAILED);
}

static void start(uint16_t opcode, const char *name, const char *mode, const struct tftp_options *o)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);

	tftp_write_request(&w, opcode, name, mode, o);
	tftp_server_start(&s, &config, bytes, writer_length(&w), &client, now);
}

static void start_windows(uint32_t windowsize)
{
	struct tftp_options o = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_WINDOWSIZE | TFTP_HAS_TSIZE,
		.blksize = 1000,
		.windowsize = windowsize,
	};

	start(TFTP_RRQ, file.name, "octet", &o);
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_OACK);
	assert_int_equal(p.options.tsize, file.size);
	assert_int_equal(p.options.blksize, 1000);
	assert_int_equal(p.options.windowsize, windowsize);
	expect_silence();
}

static void give_ack_from(uint16_t port, uint16_t block)
{
	uint8_t bytes[4] = {0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block};
	struct endpoint from = client;

	from.port = port;
	tftp_server_input(&s, bytes, sizeof bytes, &from, now);
}

static void give_ack(uint64_t block)
{
	give_ack_from(client.port, (uint16_t)block);
}

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

// ---- netascii

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
#define CASE(name) cmocka_unit_test_setup(name, set_up)
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
		CASE(test_netascii_in_windows_with_losses),
		CASE(test_netascii_ends_with_an_empty_block),
		CASE(test_netascii_without_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
