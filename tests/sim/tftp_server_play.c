// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/tftp_server_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

uint64_t now;
static uint8_t sent[2000];
size_t sent_length;
static struct endpoint to;

const struct endpoint client = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 9}}, .port = 2000};

struct sim_file file;
struct tftp_server s;
struct tftp_server_config config;
struct tftp_packet p;
bool file_gone;

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

int tftp_server_play_reset(void **state)
{
	(void)state;
	now = 3000;
	file = (struct sim_file){.name = "vmlinuz", .size = 10000, .seed = 4};
	file_gone = false;
	config = (struct tftp_server_config){.open = open_file, .read = read_file};
	return 0;
}

bool output(void)
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

void expect_silence(void)
{
	assert_false(output());
}

void expect_block(uint64_t block)
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

void expect_blocks(uint64_t from, uint64_t last)
{
	for (uint64_t block = from; block <= last; block++)
		expect_block(block);
	expect_silence();
}

void expect_error(uint16_t code)
{
	assert_true(output());
	assert_int_equal(p.opcode, TFTP_ERROR);
	assert_int_equal(p.error_code, code);
	expect_silence();
	assert_int_equal(tftp_server_status(&s), MACHINE_FAILED);
}

void start(uint16_t opcode, const char *name, const char *mode, const struct tftp_options *o)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);

	tftp_write_request(&w, opcode, name, mode, o);
	tftp_server_start(&s, &config, bytes, writer_length(&w), &client, now);
}

void start_windows(uint32_t windowsize)
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

void give_ack_from(uint16_t port, uint16_t block)
{
	uint8_t bytes[4] = {0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block};
	struct endpoint from = client;

	from.port = port;
	tftp_server_input(&s, bytes, sizeof bytes, &from, now);
}

void give_ack(uint64_t block)
{
	give_ack_from(client.port, (uint16_t)block);
}
