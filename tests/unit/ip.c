// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/ip.h: the checksum, and what a datagram must fulfil to be let through.
#include "netstack/wire/icmp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

// Puts the right checksum into a header that a test has changed.
static void fix_header(uint8_t *header)
{
	uint16_t sum;

	header[10] = header[11] = 0;
	sum = ip_checksum_end(ip_checksum_add(0, header, (header[0] & 15) * 4u));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

static bool passes(const struct bytes *b)
{
	struct reader r = reader_of(b->at, b->length), payload;
	struct ip ip;

	return ip_read(&r, &ip, &payload);
}

// The example of RFC 1071 section 3, and pieces.
static void sums_as_rfc_1071(void **state)
{
	static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint32_t sum = ip_checksum_add(0, example, sizeof example);

	(void)state;
	assert_int_equal(sum, 0xddf2);
	assert_int_equal(ip_checksum_end(sum), 0x220d);
	assert_int_equal(
		ip_checksum_add(ip_checksum_add(0, example, 4), example + 4, 4), 0xddf2);
	assert_int_equal(ip_checksum_add(0, example, 3), 0xf201);
	assert_int_equal(ip_checksum_add(5, NULL, 0), 5);
	assert_int_equal(ip_checksum_end(0x1000f), 0xffef);
}

// As RFC 1071 says it, word after word, at every alignment.
static void sums_words_of_any_number(void **state)
{
	uint8_t bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i < 100 ? 0xff : i * 167 + (i >> 3));
	for (size_t start = 0; start < 8; start++)
		for (size_t length = 0; start + length <= sizeof bytes; length++) {
			uint64_t sum = 0xfedc1234;

			for (size_t i = 0; i < length; i++)
				sum += i % 2 ? bytes[start + i] : (uint64_t)bytes[start + i] << 8;
			while (sum >> 16)
				sum = (sum & 0xffff) + (sum >> 16);
			assert_int_equal(
				ip_checksum_end(ip_checksum_add(0xfedc1234, bytes + start, length)),
				(uint16_t)~sum);
		}
}

static void sums_do_not_overflow(void **state)
{
	struct bytes b = from_hex("ff*65535");
	uint32_t sum = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		sum = ip_checksum_add(sum, b.at, b.length - 1);
	assert_int_equal(ip_checksum_end(sum), 0);
	assert_int_equal(ip_checksum_add(0, b.at, b.length), 0xff00);
	exact_free(&b);
}

static void reads_datagrams(void **state)
{
	static const struct {
		const char *name;
		uint8_t protocol;
		size_t payload;
	} cases[] = {
		{"udp-dhcp-request", IP_UDP, 355},
		{"udp-dhcp-ack", IP_UDP, 439},
		{"udp-router-alert", IP_UDP, 11},
		{"udp-no-checksum", IP_UDP, 12},
		{"udp-empty", IP_UDP, 8},
		{"udp-padded", IP_UDP, 9},
		{"icmp-echo", IP_ICMP, 16},
		{"icmp-echo-reply", IP_ICMP, 17},
		{"icmp-port-unreachable", IP_ICMP, 36},
		{"icmp-host-unreachable-tcp", IP_ICMP, 36},
		{"icmp-time-exceeded", IP_ICMP, 36},
	};

	(void)state;
	assert_int_equal(COUNT(cases), COUNT(ip_packets));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, cases[i].name));
		struct reader r = reader_of(b.at, b.length), payload;
		struct ip ip;

		assert_true(ip_read(&r, &ip, &payload));
		assert_int_equal(ip.protocol, cases[i].protocol);
		assert_int_equal(ip.ttl, 64);
		assert_int_equal(reader_left(&payload), cases[i].payload);
		exact_free(&b);
	}
}

static void ip_truncation(const uint8_t *bytes, size_t length, void *context)
{
	struct reader r = reader_of(bytes, length), payload;
	const size_t *total = context;
	struct ip ip;

	assert_int_equal(ip_read(&r, &ip, &payload), length >= *total);
}

static void cut_datagrams_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ip_packets); i++) {
		struct bytes b = from_hex(ip_packets[i].hex);
		size_t total = (size_t)b.at[2] << 8 | b.at[3];

		each_truncation(&b, ip_truncation, &total);
		exact_free(&b);
	}
}

static void refuses_bad_headers(void **state)
{
	static const struct {
		const char *what;
		size_t offset;
		uint8_t value;
	} changes[] = {
		{"version 0", 0, 0x05},
		{"version 6", 0, 0x65},
		{"IHL 0", 0, 0x40},
		{"IHL 4", 0, 0x44},
		{"IHL 15, beyond the data", 0, 0x4f},
		{"total length 0", 3, 0},
		{"total length below the header's", 3, 19},
		{"total length above the data's", 3, 37},
		{"total length 65535", 2, 0xff},
		{"more fragments", 6, 0x20},
		{"fragment offset", 7, 1},
		{"fragment offset, high bits", 6, 0x1f},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, "icmp-echo"));

		assert_int_equal(b.length, 36);
		assert_true(passes(&b));
		b.at[changes[i].offset] = changes[i].value;
		if ((b.at[0] & 15) * 4u <= b.length) // else the sum would run past the data
			fix_header(b.at);
		if (passes(&b))
			fail_msg("let through: %s", changes[i].what);
		exact_free(&b);
	}
}

static void refuses_every_flipped_header_bit(void **state)
{
	struct bytes b = from_hex(PACKET(ip_packets, "udp-router-alert"));

	(void)state;
	for (size_t bit = 0; bit < 24 * 8; bit++) {
		b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(passes(&b));
		b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(passes(&b));
	exact_free(&b);
}

static void takes_options_and_flags(void **state)
{
	struct bytes b = from_hex(PACKET(ip_packets, "udp-no-checksum"));
	struct reader r = reader_of(b.at, b.length), payload;
	struct ip ip;

	(void)state;
	assert_true(ip_read(&r, &ip, &payload));
	assert_true(ip.dont_fragment);
	assert_int_equal(ip.id, 8);
	exact_free(&b);
	b = from_hex(PACKET(ip_packets, "udp-router-alert"));
	r = reader_of(b.at, b.length);
	assert_true(ip_read(&r, &ip, &payload));
	assert_false(ip.dont_fragment);
	assert_ptr_equal(payload.at, b.at + 24);
	exact_free(&b);
}

static void writes_what_it_reads(void **state)
{
	struct ip ip = {.ttl = 64, .protocol = IP_ICMP, .id = 0x1234, .dont_fragment = true,
		.source = ipaddr_v4(10, 1, 2, 3), .destination = ipaddr_v4(255, 255, 255, 255)}, got;
	uint8_t buffer[IP_HEADER + 7 + 3] = {0};
	struct writer w = writer_of(buffer, sizeof buffer);
	struct reader r = reader_of(buffer, IP_HEADER + 7), payload;

	(void)state;
	ip_write(&w, &ip, 7);
	assert_int_equal(writer_length(&w), IP_HEADER);
	assert_true(ip_read(&r, &got, &payload));
	assert_int_equal(reader_left(&payload), 7);
	assert_int_equal(got.ttl, ip.ttl);
	assert_int_equal(got.protocol, ip.protocol);
	assert_int_equal(got.id, ip.id);
	assert_true(got.dont_fragment);
	assert_true(ipaddr_equal(&got.source, &ip.source));
	assert_true(ipaddr_equal(&got.destination, &ip.destination));
}

static void writes_no_datagram_over_64k(void **state)
{
	struct ip ip = {.ttl = 64, .protocol = IP_UDP};
	uint8_t buffer[IP_HEADER];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	ip_write(&w, &ip, 65515);
	assert_false(w.failed);
	assert_int_equal(buffer[2] << 8 | buffer[3], 65535);
	w = writer_of(buffer, sizeof buffer);
	ip_write(&w, &ip, 65516);
	assert_true(w.failed);
	w = writer_of(buffer, sizeof buffer - 1);
	ip_write(&w, &ip, 0);
	assert_true(w.failed);
}

// A datagram without payload is one; headers may stand anywhere in the buffer.
static void writes_behind_other_headers(void **state)
{
	struct ip ip = {.ttl = 1, .protocol = IP_UDP, .source = ipaddr_v4(10, 0, 0, 1),
		.destination = ipaddr_v4(10, 0, 0, 2)}, got;
	struct icmp icmp = {.type = ICMP_ECHO_REPLY, .id = 7, .data = reader_of("abc", 3)};
	uint8_t buffer[64];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct reader r, payload;

	(void)state;
	write_zeros(&w, 14);
	ip_write(&w, &ip, 0);
	r = reader_of(buffer + 14, IP_HEADER);
	assert_true(ip_read(&r, &got, &payload));
	assert_int_equal(reader_left(&payload), 0);
	icmp_write_echo(&w, &icmp);
	r = reader_of(buffer + 14 + IP_HEADER, 8 + 3);
	assert_true(icmp_read(&r, &icmp));
	assert_memory_equal(icmp.data.at, "abc", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_as_rfc_1071),
		cmocka_unit_test(sums_words_of_any_number),
		cmocka_unit_test(sums_do_not_overflow),
		cmocka_unit_test(reads_datagrams),
		cmocka_unit_test(cut_datagrams_fail),
		cmocka_unit_test(refuses_bad_headers),
		cmocka_unit_test(refuses_every_flipped_header_bit),
		cmocka_unit_test(takes_options_and_flags),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_no_datagram_over_64k),
		cmocka_unit_test(writes_behind_other_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
