// SPDX-License-Identifier: BSD-2-Clause
// The DNS client machine against servers played packet by packet: turns, pauses, aliases, domains, and
// what servers say instead of an address.
#include "netstack/dns_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct random entropy;
static struct dns_client c;
static struct dns_client_config config;
static uint64_t now;
static uint8_t question[DNS_MESSAGE]; // the latest
static size_t question_length;
static struct endpoint asked;

static int reset(void **state)
{
	(void)state;
	now = 5000;
	random_seed(&entropy, (const uint8_t[16]){2});
	config = (struct dns_client_config){
		.random = &entropy,
		.servers = {ipaddr_v4(10, 0, 0, 1), ipaddr_v4(10, 0, 0, 2)},
		.host = "boot.example",
	};
	return 0;
}

static bool output(void)
{
	struct writer w = writer_of(question, sizeof question);

	if (!dns_client_output(&c, &w, &asked, now))
		return false;
	question_length = writer_length(&w);
	assert_int_equal(asked.port, DNS_PORT);
	return true;
}

// The client asks server 10.0.0.`server` for `host` (in wire form).
static void expect_question(uint8_t server, const char *host, size_t length)
{
	struct ipaddr a = ipaddr_v4(10, 0, 0, server);

	assert_true(output());
	assert_true(ipaddr_equal(&asked.addr, &a));
	assert_int_equal(question_length, 12 + length + 4);
	assert_memory_equal(question + 12, host, length);
	assert_false(output());
}
#define QUESTION(server, host) expect_question(server, host, sizeof host)
#define BOOT "\4boot\7example"

static void start(void)
{
	dns_client_start(&c, &config, now);
}

// An answer to the latest question: flags' lower byte, then `count` records.
static void give_from(uint8_t server, uint16_t port, uint16_t flags, uint8_t count, const char *records,
	size_t length)
{
	struct endpoint from = {ipaddr_v4(10, 0, 0, server), 0, port};
	uint8_t *packet = malloc(question_length + length);

	memcpy(packet, question, question_length);
	memcpy(packet + question_length, records, length);
	packet[2] = (uint8_t)(flags >> 8);
	packet[3] = (uint8_t)flags;
	packet[7] = count;
	dns_client_input(&c, packet, question_length + length, &from, now);
	free(packet);
}
#define GIVE(server, flags, count, records) \
	give_from(server, DNS_PORT, flags, count, records, sizeof records - 1)
#define ADDRESS "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\12\0\0\11"
#define ADDRESS_CUT "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\12\0\0"
#define ALIAS "\xc0\x0c\0\5\0\1\0\0\0\1\0\7\4next\xc0\x11"

static void expect_fault(enum fault_id id, const char *words)
{
	assert_int_equal(dns_client_status(&c), MACHINE_FAILED);
	assert_int_equal(c.fault.id, id);
	if (!strstr(c.fault.facts, words))
		fail_msg("'%s' is not in '%s'", words, c.fault.facts);
	assert_int_equal(dns_client_deadline(&c), DEADLINE_NEVER);
}

static void expect_address(void)
{
	struct ipaddr a = ipaddr_v4(10, 0, 0, 9);

	assert_int_equal(dns_client_status(&c), MACHINE_DONE);
	assert_int_equal(c.count, 1);
	assert_true(ipaddr_equal(&c.addresses[0], &a));
	assert_int_equal(c.fault.id, FAULT_NONE);
	assert_false(output());
}

static void test_an_address(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_servers_take_turns(void **state)
{
	static const struct {
		uint8_t server;
		uint32_t pause;
	} turns[] = {{1, 1000}, {2, 1000}, {1, 2000}, {2, 2000}, {1, 4000}};

	(void)state;
	start();
	for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
		QUESTION(turns[i].server, BOOT);
		if (i < 4)
			assert_int_equal(dns_client_deadline(&c) - now, turns[i].pause);
		now = dns_client_deadline(&c);
	}
	assert_int_equal(now, 15000);
	assert_false(output());
	expect_fault(FAULT_NAME_SILENT, "10.0.0.1 was asked for \"boot.example\", 5 times in 10 s");
}

static void test_a_late_answer_counts(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	now = dns_client_deadline(&c);
	QUESTION(2, BOOT);
	GIVE(1, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_strangers_are_not_heard(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(3, 0x8180, 1, ADDRESS);
	give_from(1, 5353, 0x8180, 1, ADDRESS, sizeof ADDRESS - 1);
	question[1] ^= 1;
	GIVE(1, 0x8180, 1, ADDRESS);
	question[1] ^= 1;
	GIVE(1, 0x8180, 1, "\xc0\x0c\0\1\0\1");
	assert_int_equal(dns_client_status(&c), MACHINE_RUNNING);
	GIVE(1, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_servers_that_cannot_are_left_out(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8182, 0, "");
	QUESTION(2, BOOT);
	now = dns_client_deadline(&c);
	QUESTION(2, BOOT);
	GIVE(2, 0x8380, 1, "\xc0");
	expect_fault(FAULT_NAME_SERVER, "\"boot.example\": 10.0.0.2 says: 0 answer cut off");
}

// What is whole before the cut counts; the rest is as if it were not there.
static void test_an_answer_cut_off(void **state)
{
	static const char cut[] = ALIAS "\xc0\x2a\0\1\0\1\0\0\0\1\0\4\12\0";

	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8180, 2, ADDRESS ADDRESS_CUT); // cut off without saying so: that is damage
	assert_int_equal(dns_client_status(&c), MACHINE_RUNNING);
	GIVE(1, 0x8380, 2, ADDRESS ADDRESS_CUT);
	expect_address();
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8380, 2, cut);
	QUESTION(2, BOOT);
	GIVE(2, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_unreachable(void **state)
{
	const struct endpoint server = {ipaddr_v4(10, 0, 0, 1), 0, DNS_PORT};
	struct fault why;

	(void)state;
	fault_set(&why, FAULT_PORT_CLOSED, "(10.0.0.1, UDP port 53)");
	config.servers[1] = (struct ipaddr){0};
	start();
	QUESTION(1, BOOT);
	dns_client_unreachable(&c, &server, &why, now);
	expect_fault(FAULT_NAME_SILENT, "UDP port 53");
}

static void test_no_such_name(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8183, 0, "");
	expect_fault(FAULT_NAME_LOOKUP, "\"boot.example\": there is no such name, says 10.0.0.1");
}

static void test_no_address(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8180, 0, "");
	expect_fault(FAULT_NAME_LOOKUP, "it has no IPv4 address, says 10.0.0.1");
}

// An answer whose name is a pointer to itself is none.
static void test_pointer_that_leads_nowhere(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < 5; i++) {
		assert_true(output());
		GIVE((uint8_t)(1 + i % 2), 0x8180, 1, "\xc0\x1e\0\1\0\1\0\0\0\1\0\4\12\0\0\11");
		assert_int_equal(dns_client_status(&c), MACHINE_RUNNING);
		now = dns_client_deadline(&c);
	}
	assert_false(output());
	expect_fault(FAULT_NAME_SILENT, "boot.example");
}

static void test_names_without_a_dot(void **state)
{
	(void)state;
	config.host = "boot";
	config.domain = "example";
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8183, 0, "");
	QUESTION(1, "\4boot");
	GIVE(1, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_aliases(void **state)
{
	(void)state;
	start();
	QUESTION(1, BOOT);
	GIVE(1, 0x8180, 1, ALIAS);
	QUESTION(1, "\4next\7example");
	GIVE(1, 0x8180, 1, ADDRESS);
	expect_address();
}

static void test_aliases_without_end(void **state)
{
	(void)state;
	start();
	for (int i = 0; i <= 8; i++) {
		assert_int_equal(dns_client_status(&c), MACHINE_RUNNING);
		assert_true(output());
		GIVE(1, 0x8180, 1, "\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1x\xc0\x0c");
	}
	expect_fault(FAULT_NAME_LOOKUP, "alias of aliases without end");
}

static void test_names_that_are_none(void **state)
{
	(void)state;
	config.host = "a..b";
	start();
	expect_fault(FAULT_NAME_LOOKUP, "\"a..b\" is no host's name");
	memset(config.servers, 0, sizeof config.servers);
	config.host = "boot";
	start();
	expect_fault(FAULT_NAME_LOOKUP, "DHCP has named no DNS server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_an_address, reset),
		cmocka_unit_test_setup(test_servers_take_turns, reset),
		cmocka_unit_test_setup(test_a_late_answer_counts, reset),
		cmocka_unit_test_setup(test_strangers_are_not_heard, reset),
		cmocka_unit_test_setup(test_servers_that_cannot_are_left_out, reset),
		cmocka_unit_test_setup(test_an_answer_cut_off, reset),
		cmocka_unit_test_setup(test_unreachable, reset),
		cmocka_unit_test_setup(test_no_such_name, reset),
		cmocka_unit_test_setup(test_no_address, reset),
		cmocka_unit_test_setup(test_pointer_that_leads_nowhere, reset),
		cmocka_unit_test_setup(test_names_without_a_dot, reset),
		cmocka_unit_test_setup(test_aliases, reset),
		cmocka_unit_test_setup(test_aliases_without_end, reset),
		cmocka_unit_test_setup(test_names_that_are_none, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
