// SPDX-License-Identifier: BSD-2-Clause
// A tape's way to the server: the client's machine (netstack/tftp_put.h) against the server's
// (server-stub/machine/tftp_receiver.h) in virtual time, on links that lose, double and delay, and against
// servers that answer as lanyardd does not.
#include "netstack/base/random.h"
#include "netstack/tftp_put.h"
#include "netstack/wire/tftp.h"
#include "server-stub/machine/tftp_receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 100000, ON_THE_WAY = 64, PATIENCE = 5000 };

static const struct endpoint client = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 9}}, .port = 2000};
static const struct endpoint port69 = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 1}}, .port = 69};
static const struct endpoint tid = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 1}}, .port = 3000};

static uint8_t content[MOST], got[MOST];
static size_t got_length, sendings;
static bool finished;
static uint64_t now;
static struct tftp_put put;
static struct tftp_receiver receiver;
static bool receiving;

static bool take(void *owner, const void *bytes, size_t length, const char **why)
{
	(void)owner;
	(void)why;
	assert_false(finished);
	assert_true(length <= MOST - got_length);
	memcpy(got + got_length, bytes, length);
	got_length += length;
	return true;
}

static bool finish(void *owner, const char **why)
{
	(void)owner;
	(void)why;
	assert_false(finished);
	finished = true;
	return true;
}

static const struct tftp_receiver_config config = {
	.write = take, .finish = finish, .most = MOST, .blksize_max = 1428, .patience = PATIENCE};

// ---- the link

struct packet {
	bool used, to_server;
	uint64_t due;
	size_t length;
	uint8_t bytes[TFTP_PUT_PACKET];
};

static struct packet link[ON_THE_WAY];
static struct random dice;
static unsigned loss, doubling, delay; // percent, percent, ms

static void transmit(bool to_server, const uint8_t *bytes, size_t length)
{
	unsigned times = random_below(&dice, 100) < loss ? 0 : random_below(&dice, 100) < doubling ? 2 : 1;

	for (size_t i = 0; i < ON_THE_WAY && times; i++) {
		if (link[i].used)
			continue;
		link[i] = (struct packet){true, to_server, now + 1 + random_below(&dice, delay + 1), length, {0}};
		memcpy(link[i].bytes, bytes, length);
		times--;
	}
}

static void deliver(struct packet *p)
{
	struct tftp_packet t;

	p->used = false;
	if (!p->to_server) {
		tftp_put_input(&put, p->bytes, p->length, &tid, now);
		return;
	}
	assert_true(tftp_read(&t, p->bytes, p->length));
	if (t.opcode != TFTP_WRQ) {
		if (receiving)
			tftp_receiver_input(&receiver, p->bytes, p->length, &client, now);
	} else if (!receiving) {
		tftp_receiver_start(&receiver, &config, p->bytes, p->length, &client, now);
		receiving = true;
	} else {
		tftp_receiver_again(&receiver);
	}
}

static void send_all(void)
{
	uint8_t bytes[TFTP_PUT_PACKET];
	struct endpoint to;

	for (;;) {
		struct writer w = writer_of(bytes, sizeof bytes);

		if (!tftp_put_output(&put, &w, &to, now))
			break;
		sendings++;
		transmit(true, bytes, writer_length(&w));
	}
	while (receiving) {
		struct writer w = writer_of(bytes, sizeof bytes);

		if (!tftp_receiver_output(&receiver, &w, &to, now))
			break;
		transmit(false, bytes, writer_length(&w));
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void begin(size_t length)
{
	memset(link, 0, sizeof link);
	got_length = sendings = 0;
	receiving = finished = false;
	now = 1000;
	for (size_t i = 0; i < length; i++)
		content[i] = (uint8_t)random_u32(&dice);
	tftp_put_start(&put, &(struct tftp_put_config){
		.server = {.addr = port69.addr}, .file = "x", .bytes = content, .length = length}, now);
	assert_int_equal(put.cfg.server.port, 69);
}

// Until both have ended; every step has a deadline.
static void run(void)
{
	for (int steps = 0;; steps++) {
		uint64_t next;

		assert_true(steps < 100000);
		send_all();
		next = tftp_put_deadline(&put);
		if (receiving)
			next = earlier(next, tftp_receiver_deadline(&receiver));
		for (size_t i = 0; i < ON_THE_WAY; i++)
			if (link[i].used)
				next = earlier(next, link[i].due);
		if (next == DEADLINE_NEVER)
			return;
		now = next > now ? next : now;
		for (size_t i = 0; i < ON_THE_WAY; i++)
			if (link[i].used && link[i].due <= now)
				deliver(&link[i]);
	}
}

static void assert_arrived(size_t length)
{
	assert_int_equal(put.status, MACHINE_DONE);
	assert_int_equal(receiver.status, MACHINE_DONE);
	assert_true(finished);
	assert_int_equal(got_length, length);
	assert_memory_equal(got, content, length);
}

// ---- the tests

static void seed(uint32_t number)
{
	uint8_t bytes[16] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), 7};

	random_seed(&dice, bytes);
}

// Every block once: sizes around whole blocks.
static void a_good_link(void **state)
{
	static const size_t sizes[] = {0, 1, 1399, 1400, 1401, 2799, 2800, 2801, MOST};

	(void)state;
	loss = doubling = 0;
	delay = 3;
	seed(1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		begin(sizes[i]);
		run();
		assert_arrived(sizes[i]);
		assert_int_equal(sendings, 2 + sizes[i] / 1400);
	}
}

// It arrives as it was, or the client knows that it did not.
static void bad_links(void **state)
{
	unsigned failures = 0, seeds = getenv("SEEDS") ? (unsigned)atoi(getenv("SEEDS")) : 200;

	(void)state;
	for (unsigned i = 0; i < seeds; i++) {
		size_t length;

		seed(i);
		loss = random_below(&dice, 25);
		doubling = random_below(&dice, 30);
		delay = random_below(&dice, 60);
		length = random_below(&dice, 20000);
		begin(length);
		run();
		if (put.status == MACHINE_DONE)
			assert_true(finished && got_length == length && !memcmp(got, content, length));
		else
			assert_int_equal(put.status, MACHINE_FAILED);
		failures += put.status == MACHINE_FAILED;
	}
	assert_true(failures <= seeds / 20);
}

static void nobody_answers(void **state)
{
	(void)state;
	seed(1);
	loss = 100;
	begin(1000);
	run();
	assert_int_equal(put.status, MACHINE_FAILED);
	assert_int_equal(put.fault.id, FAULT_TFTP_SILENT);
	assert_int_equal(now, 1000 + TFTP_PUT_PATIENCE);
	assert_in_range(sendings, 3, 8);
}

static void answer(const struct endpoint *from, uint16_t opcode, uint16_t number)
{
	const uint8_t bytes[] = {(uint8_t)(opcode >> 8), (uint8_t)opcode, (uint8_t)(number >> 8), (uint8_t)number,
		'n', 'o', 0};

	tftp_put_input(&put, bytes, opcode == TFTP_ERROR ? 7 : 4, from, now);
}

static struct tftp_packet sent(void)
{
	static uint8_t bytes[TFTP_PUT_PACKET];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct tftp_packet t = {0};
	struct endpoint to;

	if (tftp_put_output(&put, &w, &to, now))
		assert_true(tftp_read(&t, bytes, writer_length(&w)));
	return t;
}

// A server of 1980: ACK 0 and blocks of 512 bytes. Strangers and old acknowledgements change nothing.
static void a_server_without_options(void **state)
{
	static const struct endpoint stranger = {.addr = {.family = IP_V4, .bytes = {10, 0, 0, 7}}, .port = 3000};
	struct tftp_packet t;

	(void)state;
	begin(512);
	assert_int_equal(sent().opcode, TFTP_WRQ);
	answer(&stranger, TFTP_ACK, 0);
	answer(&stranger, TFTP_ERROR, 0);
	assert_int_equal(sent().opcode, 0);
	answer(&tid, TFTP_ACK, 0);
	t = sent();
	assert_int_equal(t.opcode, TFTP_DATA);
	assert_int_equal(reader_left(&t.data), 512);
	answer(&tid, TFTP_ACK, 0);
	answer(&port69, TFTP_ACK, 1);
	answer(&tid, TFTP_ACK, 2);
	assert_int_equal(sent().opcode, 0);
	answer(&tid, TFTP_ACK, 1);
	t = sent();
	assert_int_equal(t.block, 2);
	assert_int_equal(reader_left(&t.data), 0);
	answer(&tid, TFTP_ACK, 2);
	assert_int_equal(put.status, MACHINE_DONE);
}

static void a_server_that_refuses(void **state)
{
	(void)state;
	begin(512);
	sent();
	answer(&tid, TFTP_ERROR, TFTP_ACCESS_VIOLATION);
	assert_int_equal(put.status, MACHINE_FAILED);
	assert_int_equal(put.fault.id, FAULT_TFTP_ERROR);
	assert_non_null(strstr(put.fault.facts, "no"));
	assert_int_equal(sent().opcode, 0);
	assert_true(tftp_put_deadline(&put) == DEADLINE_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_link),
		cmocka_unit_test(bad_links),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(a_server_without_options),
		cmocka_unit_test(a_server_that_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
