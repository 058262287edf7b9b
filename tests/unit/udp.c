// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/udp.h: lengths, the checksum and its absence, and the way back.
#include "netstack/wire/udp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

struct udp_result {
	bool good;
	struct udp udp;
	struct reader payload;
};

static struct udp_result udp_of(const struct bytes *b, bool trust)
{
	struct reader r = reader_of(b->at, b->length), segment;
	struct udp_result result = {0};
	struct ip ip;

	assert_true(ip_read(&r, &ip, &segment));
	result.good = udp_read(&segment, &ip, trust, &result.udp, &result.payload);
	return result;
}

static void reads_udp(void **state)
{
	static const struct {
		const char *name;
		uint16_t source, destination;
		size_t length;
	} cases[] = {
		{"udp-dhcp-request", 68, 67, 347},
		{"udp-router-alert", 69, 2070, 3},
		{"udp-no-checksum", 4011, 68, 4},
		{"udp-empty", 9, 9, 0},
		{"udp-padded", 9, 9, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = from_hex(PACKET(ip_packets, cases[i].name));
		struct udp_result got = udp_of(&b, false);

		assert_true(got.good);
		assert_int_equal(got.udp.source, cases[i].source);
		assert_int_equal(got.udp.destination, cases[i].destination);
		assert_int_equal(reader_left(&got.payload), cases[i].length);
		exact_free(&b);
	}
}

// The recorded DHCPACK comes from a local sender, which left its sum to hardware.
static void sums_are_checked_unless_trusted(void **state)
{
	struct bytes b = from_hex(PACKET(ip_packets, "udp-dhcp-ack"));

	(void)state;
	assert_false(udp_of(&b, false).good);
	assert_true(udp_of(&b, true).good);
	exact_free(&b);
	b = from_hex(PACKET(ip_packets, "udp-router-alert"));
	b.at[b.length - 1] ^= 1;
	assert_false(udp_of(&b, false).good);
	assert_true(udp_of(&b, true).good);
	exact_free(&b);
}

static void refuses_bad_udp_lengths(void **state)
{
	static const uint16_t lengths[] = {0, 1, 7, 13, 0x8000, 65535};
	struct bytes b = from_hex(PACKET(ip_packets, "udp-no-checksum"));
	struct udp_result padded;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		b.at[24] = (uint8_t)(lengths[i] >> 8);
		b.at[25] = (uint8_t)lengths[i];
		assert_false(udp_of(&b, false).good);
		assert_false(udp_of(&b, true).good);
	}
	b.at[24] = 0;
	b.at[25] = 9; // shorter than the datagram: the rest is padding
	padded = udp_of(&b, false);
	assert_true(padded.good);
	assert_int_equal(reader_left(&padded.payload), 1);
	exact_free(&b);
}

static void udp_fails(const uint8_t *bytes, size_t length, void *context)
{
	struct reader segment = reader_of(bytes, length), payload;
	struct ip ip = {0};
	struct udp udp;

	(void)context;
	assert_false(udp_read(&segment, &ip, true, &udp, &payload));
}

static void cut_udp_fails(void **state)
{
	struct bytes b = from_hex("0044 0043 000c 0000 61626364");

	(void)state;
	each_truncation(&b, udp_fails, NULL);
	exact_free(&b);
}

static void writes_udp_that_reads_back(void **state)
{
	struct ip ip = {.ttl = 64, .protocol = IP_UDP, .source = ipaddr_v4(10, 0, 0, 1),
		.destination = ipaddr_v4(10, 0, 0, 2)};
	struct udp udp = {.source = 2070, .destination = 69};
	char text[] = "a payload of some length";

	(void)state;
	for (size_t length = 0; length < sizeof text; length++) {
		struct bytes b = exact_copy(
			"----------------------------------------------------", 28 + length);
		struct writer w = writer_of(b.at, b.length);
		struct udp_result got;

		udp_write(&w, &ip, &udp, text, length);
		assert_false(w.failed);
		assert_int_equal(writer_length(&w), b.length);
		got = udp_of(&b, false);
		assert_true(got.good);
		assert_int_equal(got.udp.source, 2070);
		assert_int_equal(got.udp.destination, 69);
		assert_int_equal(reader_left(&got.payload), length);
		assert_memory_equal(got.payload.at, text, length);
		w = writer_of(b.at, b.length - 1);
		udp_write(&w, &ip, &udp, text, length);
		assert_true(w.failed);
		exact_free(&b);
	}
}

// scapy's datagram, byte for byte.
static void writes_udp_as_others_do(void **state)
{
	struct ip ip = {.ttl = 64, .protocol = IP_UDP, .id = 1, .source = ipaddr_v4(10, 0, 0, 1),
		.destination = ipaddr_v4(10, 0, 0, 2)};
	struct udp udp = {.source = 9, .destination = 9};
	uint8_t buffer[64];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	udp_write(&w, &ip, &udp, NULL, 0);
	assert_hex(buffer, writer_length(&w), PACKET(ip_packets, "udp-empty"));
}

// A sum that comes out as zero is sent as ffff, since zero means that there is none.
static void zero_sum_is_sent_as_ones(void **state)
{
	struct ip ip = {.ttl = 64, .protocol = IP_UDP};
	struct udp udp = {.source = 0, .destination = 0};
	// protocol 17 + twice the length 10 = 0x0025; the payload makes it ffff
	const uint8_t payload[] = {0xff, 0xda};
	struct bytes b = from_hex("00*30");
	struct writer w = writer_of(b.at, b.length);

	(void)state;
	udp_write(&w, &ip, &udp, payload, sizeof payload);
	assert_hex(b.at + 26, 2, "ffff");
	assert_true(udp_of(&b, false).good);
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_udp),
		cmocka_unit_test(sums_are_checked_unless_trusted),
		cmocka_unit_test(refuses_bad_udp_lengths),
		cmocka_unit_test(cut_udp_fails),
		cmocka_unit_test(writes_udp_that_reads_back),
		cmocka_unit_test(writes_udp_as_others_do),
		cmocka_unit_test(zero_sum_is_sent_as_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
