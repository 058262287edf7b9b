// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/tftp.h"
#include "tests/sim/tftp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct random entropy;
struct tftp_client t;
struct sim_file file;
struct sim_sink sink;
uint64_t now;
static uint8_t sent[PACKET];
static size_t sent_length;
struct endpoint sent_to;
struct tftp_packet p;

const struct endpoint server = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 1}}, .interface = -1};

// ---- the client's packets

bool output(void)
{
	struct writer w = writer_of(sent, sizeof sent);

	if (!tftp_client_output(&t, &w, &sent_to, now))
		return false;
	sent_length = writer_length(&w);
	assert_true(tftp_read(&p, sent, sent_length));
	assert_true(ipaddr_equal(&sent_to.addr, &server.addr));
	return true;
}

void expect_silence(void)
{
	assert_false(output());
}

void expect_ack(uint16_t block)
{
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_ACK);
	assert_int_equal(p.block, block);
	assert_int_equal(sent_to.port, TID);
}

void expect_error(uint16_t code, uint16_t port)
{
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_ERROR);
	assert_int_equal(p.error_code, code);
	assert_int_equal(sent_to.port, port);
}

void expect_request(unsigned options)
{
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_RRQ);
	assert_string_equal(p.file, file.name);
	assert_string_equal(p.mode, "octet");
	assert_int_equal(p.options.has, options);
	assert_int_equal(sent_to.port, TFTP_PORT);
}

void expect_fault(enum fault_id id, const char *words)
{
	assert_int_equal(tftp_client_status(&t), MACHINE_FAILED);
	assert_int_equal(t.fault.id, id);
	if (!strstr(t.fault.facts, words))
		fail_msg("'%s' is not in '%s'", words, t.fault.facts);
	assert_false(sink.wrong);
}

void expect_done(void)
{
	assert_int_equal(tftp_client_status(&t), MACHINE_DONE);
	assert_int_equal(t.fault.id, FAULT_NONE);
	assert_true(sim_sink_good(&sink));
}

void wait_for_timer(uint64_t least, uint64_t most)
{
	uint64_t deadline = tftp_client_deadline(&t);

	expect_silence();
	assert_in_range(deadline - now, least, most);
	now = deadline - 1;
	expect_silence();
	now = deadline;
}

// ---- the server's packets

void give(const void *packet, size_t length, uint16_t port)
{
	struct endpoint from = server;
	uint8_t *copy = test_malloc(length ? length : 1); // exact, for ASan

	from.port = port;
	memcpy(copy, packet, length);
	tftp_client_input(&t, copy, length, &from, now);
	test_free(copy);
}

void give_data_from(uint16_t port, uint64_t block, size_t length)
{
	static uint8_t packet[PACKET];
	struct writer w = writer_of(packet, sizeof packet);

	write_u16(&w, TFTP_DATA);
	write_u16(&w, (uint16_t)block);
	sim_file_read(&file, (block - 1) * t.blksize, w.at, length);
	give(packet, 4 + length, port);
}

void give_block(uint64_t block)
{
	uint64_t start = (block - 1) * (t.answered ? t.blksize : 512);
	uint64_t left = file.size - start, blksize = t.answered ? t.blksize : 512;
	static uint8_t packet[PACKET];
	struct writer w = writer_of(packet, sizeof packet);
	size_t length = (size_t)(left < blksize ? left : blksize);

	write_u16(&w, TFTP_DATA);
	write_u16(&w, (uint16_t)block);
	sim_file_read(&file, start, w.at, length);
	give(packet, 4 + length, TID);
}

void give_oack(const char *options, size_t length)
{
	uint8_t packet[256] = {0, TFTP_OACK};

	memcpy(packet + 2, options, length);
	give(packet, 2 + length, TID);
}

void give_error(uint16_t port, uint16_t code, const char *text, size_t length)
{
	uint8_t packet[600] = {0, TFTP_ERROR, 0, (uint8_t)code};

	memcpy(packet + 4, text, length);
	give(packet, 4 + length, port);
}

// ---- starting

struct tftp_client_config config;

int tftp_play_reset(void **state)
{
	(void)state;
	now = 5000;
	random_seed(&entropy, (const uint8_t[16]){1});
	file = (struct sim_file){.name = "vmlinuz", .size = 100 * BLOCK + 7, .seed = 9};
	sim_sink_init(&sink, &file);
	config = (struct tftp_client_config){
		.random = &entropy,
		.server = server,
		.file = file.name,
		.sink = &sink.sink,
	};
	return 0;
}

void start(uint64_t size)
{
	file.size = size;
	tftp_client_start(&t, &config, now);
	expect_request(config.windowsize == 1 ? ALL & ~TFTP_HAS_WINDOWSIZE : ALL);
	expect_silence();
}

void start_windows(uint64_t size)
{
	start(size);
	OACK("blksize\0001428\0windowsize\0004");
	assert_int_equal(t.windowsize, 4);
	expect_ack(0);
}

void fetch_in_lock_step(uint64_t blocks)
{
	for (uint64_t block = 1; block <= blocks; block++) {
		give_block(block);
		expect_ack((uint16_t)block);
	}
}

void give_number(uint16_t number, size_t length)
{
	static uint8_t packet[PACKET];
	struct endpoint from = server;

	from.port = TID;
	packet[1] = TFTP_DATA;
	packet[2] = (uint8_t)(number >> 8);
	packet[3] = (uint8_t)number;
	tftp_client_input(&t, packet, 4 + length, &from, now);
}
