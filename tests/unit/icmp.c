// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/icmp.h: echo and back, errors and what they quote, every truncation.
#include "netstack/wire/icmp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

static bool icmp_of(const struct bytes *b, struct icmp *icmp)
{
	struct reader r = reader_of(b->at, b->length), segment;
	struct ip ip;

	assert_true(ip_read(&r, &ip, &segment));
	return icmp_read(&segment, icmp);
}

static void reads_and_writes_echo(void **state)
{
	static const char *const names[] = {"icmp-echo", "icmp-echo-reply"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, names[i]));
		uint8_t buffer[64];
		struct writer w = writer_of(buffer, sizeof buffer);
		struct icmp icmp;

		assert_true(icmp_of(&b, &icmp));
		assert_int_equal(icmp.id, 0x1234);
		assert_int_equal(icmp.sequence, 2);
		assert_memory_equal(icmp.data.at, "abcdefgh", 8);
		icmp_write_echo(&w, &icmp);
		assert_int_equal(writer_length(&w), b.length - IP_HEADER);
		assert_memory_equal(buffer, b.at + IP_HEADER, writer_length(&w));
		w = writer_of(buffer, writer_length(&w) - 1);
		icmp_write_echo(&w, &icmp);
		assert_true(w.failed);
		exact_free(&b);
	}
}

static void reads_unreachable(void **state)
{
	struct bytes b = from_hex(PACKET(ip_packets, "icmp-port-unreachable"));
	struct ipaddr to = ipaddr_v4(10, 0, 0, 2);
	struct icmp icmp;

	(void)state;
	assert_true(icmp_of(&b, &icmp));
	assert_int_equal(icmp.type, ICMP_UNREACHABLE);
	assert_int_equal(icmp.code, ICMP_PORT);
	assert_true(ipaddr_equal(&icmp.original.destination, &to));
	assert_int_equal(icmp.original_udp.source, 2070);
	assert_int_equal(icmp.original_udp.destination, 69);
	exact_free(&b);
	b = from_hex(PACKET(ip_packets, "icmp-host-unreachable-tcp"));
	assert_true(icmp_of(&b, &icmp));
	assert_int_equal(icmp.code, ICMP_HOST);
	assert_int_equal(icmp.original.protocol, IP_TCP);
	assert_int_equal(icmp.original_udp.source, 0x3132);
	assert_int_equal(icmp.original_udp.destination, 0x3334);
	assert_int_equal(icmp.original_sequence, 0x35363738);
	exact_free(&b);
}

// An error must quote an IPv4 datagram, and the first fragment of it.
static void refuses_errors_about_nothing(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {{8, 0x65}, {8, 0x44}, {8, 0x4f}, {15, 1}};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, "icmp-host-unreachable-tcp"));
		uint8_t *message = b.at + IP_HEADER;
		struct icmp icmp;
		uint16_t sum;

		assert_true(icmp_of(&b, &icmp));
		message[changes[i].offset] = changes[i].value;
		message[2] = message[3] = 0;
		sum = ip_checksum_end(ip_checksum_add(0, message, b.length - IP_HEADER));
		message[2] = (uint8_t)(sum >> 8);
		message[3] = (uint8_t)sum;
		assert_false(icmp_of(&b, &icmp));
		exact_free(&b);
	}
}

static void refuses_other_icmp(void **state)
{
	struct bytes b = from_hex(PACKET(ip_packets, "icmp-time-exceeded"));
	struct icmp icmp;

	(void)state;
	assert_false(icmp_of(&b, &icmp));
	exact_free(&b);
	b = from_hex(PACKET(ip_packets, "icmp-echo"));
	b.at[b.length - 1] ^= 0x10;
	assert_false(icmp_of(&b, &icmp));
	exact_free(&b);
}

// Every prefix of a message, with the checksum made right for it, so that only the length is wrong.
static void cut_icmp_fails(void **state)
{
	static const struct {
		const char *name;
		size_t shortest; // ICMP bytes that are enough
	} cases[] = {{"icmp-echo", 8}, {"icmp-port-unreachable", 8 + 20 + 4},
		{"icmp-host-unreachable-tcp", 8 + 20 + 8}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, cases[i].name));

		for (size_t length = 0; length <= b.length - IP_HEADER; length++) {
			struct bytes cut = exact_copy(b.at + IP_HEADER, length);
			struct reader r = reader_of(cut.at, cut.length);
			struct icmp icmp;
			uint16_t sum;

			if (length >= 4) {
				cut.at[2] = cut.at[3] = 0;
				sum = ip_checksum_end(ip_checksum_add(0, cut.at, length));
				cut.at[2] = (uint8_t)(sum >> 8);
				cut.at[3] = (uint8_t)sum;
			}
			assert_int_equal(icmp_read(&r, &icmp), length >= cases[i].shortest);
			exact_free(&cut);
		}
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_echo),
		cmocka_unit_test(reads_unreachable),
		cmocka_unit_test(refuses_errors_about_nothing),
		cmocka_unit_test(refuses_other_icmp),
		cmocka_unit_test(cut_icmp_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
