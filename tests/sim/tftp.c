// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine against servers played packet by packet: negotiation, errors, sizes
// (RFC 1350, 2347-2349, 7440), and what broken and hostile servers do with them.
#include "netstack/wire/tftp.h"
#include "tests/sim/tftp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- negotiation

static void test_windows(void **state)
{
	(void)state;
	start(5 * BLOCK + 10);
	assert_int_equal(p.opcode, TFTP_RRQ);
	assert_int_equal(p.options.blksize, TFTP_BLKSIZE);
	assert_int_equal(p.options.windowsize, TFTP_WINDOWSIZE);
	assert_int_equal(p.options.tsize, 0);
	OACK("blksize\0001428\0tsize\0007150\0windowsize\0004");
	expect_ack(0);
	assert_int_equal(sink.announced, 7150);
	for (int block = 1; block <= 3; block++) {
		give_block(block);
		expect_silence();
	}
	give_block(4);
	expect_ack(4);
	give_block(5);
	expect_silence();
	give_block(6);
	expect_ack(6);
	expect_silence();
	expect_done();
	assert_int_equal(tftp_client_deadline(&t), DEADLINE_NEVER);
}

static void test_server_ignores_options(void **state)
{
	(void)state;
	start(700);
	give_block(1);
	expect_ack(1);
	assert_int_equal(sink.announced, SINK_SIZE_UNKNOWN);
	give_block(2);
	expect_ack(2);
	expect_done();
}

static void test_windowsize_1_is_not_asked_for(void **state)
{
	(void)state;
	config.windowsize = 1;
	start(700);
	OACK("windowsize\0002");
	expect_error(TFTP_OPTION_REFUSED, TID);
	expect_request(0);
}

static void test_server_grants_less(void **state)
{
	(void)state;
	start(1500);
	OACK("blksize\0001024");
	expect_ack(0);
	assert_int_equal(t.windowsize, 1);
	give_block(1);
	expect_ack(1);
	give_block(2);
	expect_ack(2);
	expect_done();
}

static void test_option_names_in_any_case_and_garbage_behind(void **state)
{
	static const char oack[] = "BLKSIZE\0001024\0\0garbage\xff\xfe";

	(void)state;
	start(100);
	give_oack(oack, sizeof oack - 1);
	expect_ack(0);
	assert_int_equal(t.blksize, 1024);
}

static void plainly_done(void)
{
	expect_request(0);
	give_block(1);
	expect_ack(1);
	give_block(2);
	expect_ack(2);
	expect_done();
}

static void test_error_to_options_is_asked_again_without(void **state)
{
	static const uint16_t codes[] = {TFTP_UNDEFINED, TFTP_ILLEGAL_OPERATION, TFTP_OPTION_REFUSED};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		tftp_play_reset(NULL);
		start(700);
		give_error(OTHER_TID, codes[i], "no options", 11);
		plainly_done();
	}
}

// Until then, they may be answers to other copies of the request with options.
static void test_error_without_options_is_final(void **state)
{
	(void)state;
	start(700);
	ERROR(TFTP_UNDEFINED, "first");
	expect_request(0);
	for (int i = 0; i < 3; i++) {
		give_error(OTHER_TID, TFTP_UNDEFINED, "again", 6);
		wait_for_timer(30, 30);
		expect_request(0);
	}
	give_error(OTHER_TID, TFTP_UNDEFINED, "last", 5);
	expect_silence();
	expect_fault(FAULT_TFTP_ERROR, "last");
	tftp_play_reset(NULL);
	start(700);
	ERROR(TFTP_UNDEFINED, "first");
	expect_request(0);
	give_error(OTHER_TID, TFTP_FILE_NOT_FOUND, "no such file", 13);
	expect_fault(FAULT_TFTP_NOT_FOUND, "no such file");
}

static void test_bad_oack_is_refused(void **state)
{
#define BAD(text) {text, sizeof text}
	static const struct {
		const char *options;
		size_t length;
	} bad[] = {
		BAD("blksize\0001429"),          // larger than asked for
		BAD("blksize\00065464"),
		BAD("blksize\0000"),
		BAD("blksize\0007"),
		BAD("blksize\000-5"),
		BAD("blksize\000abc"),
		BAD("blksize\00099999999999999999999999"),
		BAD("blksize\000512\0blksize\0001024"),
		BAD("windowsize\00017"),
		BAD("windowsize\0000"),
		BAD("timeout\0001"),              // not asked for
		BAD("multicast\000239.1.1.1,1758,1"),
		BAD("tsize\00099999999999999999999"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		tftp_play_reset(NULL);
		start(700);
		give_oack(bad[i].options, bad[i].length);
		expect_error(TFTP_OPTION_REFUSED, TID);
		expect_request(0);
		// The server did not hear the refusal.
		give_oack(bad[i].options, bad[i].length);
		expect_error(TFTP_UNKNOWN_TID, TID);
		expect_silence();
		assert_int_equal(tftp_client_status(&t), MACHINE_RUNNING);
	}
}

static void test_oack_to_plain_request(void **state)
{
	(void)state;
	start(700);
	give_error(OTHER_TID, TFTP_OPTION_REFUSED, "no", 3);
	expect_request(0);
	give((const uint8_t[]){0, TFTP_OACK, 't', 's', 'i', 'z', 'e', 0, '7', 0}, 10, OTHER_TID + 1);
	expect_error(TFTP_UNKNOWN_TID, OTHER_TID + 1); // it may answer an earlier request
	wait_for_timer(500, 500);
	expect_request(0);
	give_data_from(TID, 1, 512);
	expect_ack(1);
	give_data_from(TID, 2, 188);
	expect_ack(2);
	expect_done();
}

static void test_server_that_insists_on_options(void **state)
{
	(void)state;
	start(700);
	ERROR(TFTP_OPTION_REFUSED, "no");
	expect_request(0);
	give((const uint8_t[]){0, TFTP_OACK, 't', 's', 'i', 'z', 'e', 0, '7', 0}, 10, OTHER_TID);
	now += 15000;
	while (output())
		;
	expect_fault(FAULT_TFTP_PROTOCOL, "10.0.0.1");
}

// ---- errors in words

static void test_not_found(void **state)
{
	(void)state;
	start(700);
	ERROR(TFTP_FILE_NOT_FOUND, "File not found");
	expect_silence();
	expect_fault(FAULT_TFTP_NOT_FOUND, "\"vmlinuz\" (10.0.0.1 says: 1 File not found)");
}

static void test_access(void **state)
{
	(void)state;
	start(700);
	ERROR(TFTP_ACCESS_VIOLATION, "Permission denied");
	expect_fault(FAULT_TFTP_ACCESS, "Permission denied");
}

static void test_error_text_without_nul_and_with_escapes(void **state)
{
	static char text[500];

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "a\x1b[2Jb\xc3", 7);
	start_windows(7000);
	give_error(TID, 3, text, sizeof text);
	expect_silence();
	expect_fault(FAULT_TFTP_ERROR, "says: 3 a?[2Jb?xxxx");
	assert_null(strchr(t.fault.facts, 0x1b));
	tftp_play_reset(NULL);
	start_windows(7000);
	give_error(TID, 3, "", 0);
	expect_fault(FAULT_TFTP_ERROR, "10.0.0.1");
}

static void test_error_from_elsewhere_is_ignored(void **state)
{
	(void)state;
	start_windows(7000);
	give_error(OTHER_TID, 1, "no", 3);
	expect_silence();
	assert_int_equal(tftp_client_status(&t), MACHINE_RUNNING);
}

static void test_name_too_long(void **state)
{
	static char name[TFTP_NAME + 1];

	(void)state;
	memset(name, 'n', TFTP_NAME);
	config.file = name;
	tftp_client_start(&t, &config, now);
	expect_silence();
	expect_fault(FAULT_TFTP_NOT_FOUND, "512 characters");
	name[TFTP_NAME - 1] = 0;
	tftp_client_start(&t, &config, now);
	assert_true(output());
	assert_int_equal(strlen(p.file), TFTP_NAME - 1);
}

// ---- sizes

static void test_empty_file(void **state)
{
	(void)state;
	start(0);
	OACK("tsize\0000");
	expect_ack(0);
	fetch_in_lock_step(1);
	expect_done();
	tftp_play_reset(NULL);
	start(0);
	fetch_in_lock_step(1);
	expect_done();
}

static void test_exact_multiple(void **state)
{
	(void)state;
	start(4 * BLOCK);
	OACK("blksize\0001428\0windowsize\0004\0tsize\0005712");
	expect_ack(0);
	for (int block = 1; block <= 4; block++)
		give_block(block);
	expect_ack(4);
	assert_int_equal(tftp_client_status(&t), MACHINE_RUNNING);
	give_block(5);
	expect_ack(5);
	expect_done();
}

static void test_file_longer_than_announced(void **state)
{
	(void)state;
	start(3 * 512);
	OACK("tsize\0001000");
	expect_ack(0);
	give_block(1);
	expect_ack(1);
	give_block(2);
	expect_error(TFTP_UNDEFINED, TID);
	expect_fault(FAULT_FILE_SIZE, "1000 bytes announced, more than 512 came");
	assert_int_equal(sink.commits, 0);
}

static void test_file_shorter_than_announced(void **state)
{
	(void)state;
	start(700);
	OACK("tsize\0001000");
	expect_ack(0);
	give_block(1);
	expect_ack(1);
	give_block(2);
	expect_ack(2);
	expect_fault(FAULT_FILE_SIZE, "1000 bytes announced, 700 came");
	assert_int_equal(sink.commits, 0);
}

static void test_size_0_and_absurd_sizes_count_as_unknown(void **state)
{
	(void)state;
	start(700);
	OACK("tsize\0000");
	expect_ack(0);
	assert_int_equal(sink.announced, SINK_SIZE_UNKNOWN);
	fetch_in_lock_step(2);
	expect_done();
	tftp_play_reset(NULL);
	start(700);
	OACK("tsize\00018446744073709551615");
	expect_ack(0);
	fetch_in_lock_step(2);
	expect_done();
}

static void test_no_room(void **state)
{
	(void)state;
	sink.limit = 600;
	start(700);
	OACK("tsize\000700");
	expect_error(TFTP_DISK_FULL, TID);
	expect_fault(FAULT_FILE_TOO_LARGE, "700");
	tftp_play_reset(NULL);
	sink.limit = 600;
	start(700);
	give_block(1);
	expect_ack(1);
	give_block(2);
	expect_error(TFTP_DISK_FULL, TID);
	expect_fault(FAULT_FILE_TOO_LARGE, "600");
}

static void test_block_longer_than_agreed(void **state)
{
	static uint8_t packet[2000] = {0, TFTP_DATA, 0, 1};

	(void)state;
	start_windows(7000);
	give(packet, 4 + BLOCK + 1, TID);
	expect_error(TFTP_ILLEGAL_OPERATION, TID);
	expect_fault(FAULT_TFTP_PROTOCOL, "longer than agreed");
}

static void test_size_only(void **state)
{
	(void)state;
	config.size_only = true;
	config.sink = NULL;
	start(700);
	OACK("tsize\000123456789012");
	expect_error(TFTP_OPTION_REFUSED, TID);
	expect_silence();
	assert_int_equal(tftp_client_status(&t), MACHINE_DONE);
	assert_int_equal(t.size, 123456789012);
	assert_int_equal(t.announced, 123456789012);
	// The server did not hear that.
	OACK("tsize\000123456789012");
	expect_error(TFTP_OPTION_REFUSED, TID);
}

static void test_size_only_without_an_answer_to_it(void **state)
{
	(void)state;
	config.size_only = true;
	config.sink = NULL;
	start(700);
	give_data_from(TID, 1, 512);
	expect_error(TFTP_UNDEFINED, TID);
	assert_int_equal(tftp_client_status(&t), MACHINE_DONE);
	assert_int_equal(t.size, SINK_SIZE_UNKNOWN);
	start(700);
	OACK("blksize\0001428");
	expect_error(TFTP_OPTION_REFUSED, TID);
	assert_int_equal(tftp_client_status(&t), MACHINE_DONE);
	assert_int_equal(t.size, SINK_SIZE_UNKNOWN);
	start(700);
	ERROR(TFTP_FILE_NOT_FOUND, "no");
	expect_fault(FAULT_TFTP_NOT_FOUND, "no");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, tftp_play_reset)
		CASE(test_windows),
		CASE(test_server_ignores_options),
		CASE(test_windowsize_1_is_not_asked_for),
		CASE(test_server_grants_less),
		CASE(test_option_names_in_any_case_and_garbage_behind),
		CASE(test_error_to_options_is_asked_again_without),
		CASE(test_error_without_options_is_final),
		CASE(test_bad_oack_is_refused),
		CASE(test_oack_to_plain_request),
		CASE(test_server_that_insists_on_options),
		CASE(test_not_found),
		CASE(test_access),
		CASE(test_error_text_without_nul_and_with_escapes),
		CASE(test_error_from_elsewhere_is_ignored),
		CASE(test_name_too_long),
		CASE(test_empty_file),
		CASE(test_exact_multiple),
		CASE(test_file_longer_than_announced),
		CASE(test_file_shorter_than_announced),
		CASE(test_size_0_and_absurd_sizes_count_as_unknown),
		CASE(test_no_room),
		CASE(test_block_longer_than_agreed),
		CASE(test_size_only),
		CASE(test_size_only_without_an_answer_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
