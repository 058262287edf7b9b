// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/tcp.h: headers and options, what is refused, and the way back.
#include "netstack/wire/tcp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

struct tcp_result {
	bool good;
	struct ip ip;
	struct tcp tcp;
	struct reader payload;
};

static struct tcp_result tcp_of(const struct bytes *b, bool trust)
{
	struct reader r = reader_of(b->at, b->length), segment;
	struct tcp_result result = {0};

	assert_true(ip_read(&r, &result.ip, &segment));
	result.good = tcp_read(&segment, &result.ip, trust, &result.tcp, &result.payload);
	return result;
}

static struct tcp_result tcp_named(const char *name, struct bytes *b)
{
	struct tcp_result got;

	*b = from_hex(PACKET(tcp_packets, name));
	got = tcp_of(b, false);
	assert_true(got.good);
	return got;
}

static void reads_headers(void **state)
{
	static const struct {
		const char *name;
		uint32_t sequence, acknowledgment;
		uint8_t flags;
		uint16_t window;
		size_t length;
	} cases[] = {
		{"syn", 0x11223344, 0, TCP_SYN, 65535, 0},
		{"syn-ack", 0x99887766, 0x11223345, TCP_SYN | TCP_ACK, 65160, 0},
		{"data", 0x99887767, 0x11223345, TCP_PSH | TCP_ACK, 510, 17},
		{"odd-data-fin", 0xffffffff, 0x11223345, TCP_FIN | TCP_PSH | TCP_ACK, 510, 3},
		{"reset", 0x99887767, 0, TCP_RST, 0, 0},
		{"refused", 0, 0x11223345, TCP_RST | TCP_ACK, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b;
		struct tcp_result got = tcp_named(cases[i].name, &b);

		assert_int_equal(got.tcp.sequence, cases[i].sequence);
		assert_int_equal(got.tcp.acknowledgment, cases[i].acknowledgment);
		assert_int_equal(got.tcp.flags, cases[i].flags);
		assert_int_equal(got.tcp.window, cases[i].window);
		assert_int_equal(reader_left(&got.payload), cases[i].length);
		exact_free(&b);
	}
}

static void reads_options(void **state)
{
	struct bytes b;
	struct tcp tcp = tcp_named("syn-ack", &b).tcp;

	(void)state;
	assert_int_equal(tcp.source, 80);
	assert_int_equal(tcp.destination, 50000);
	assert_int_equal(tcp.mss, 1460);
	assert_true(tcp.scaled && tcp.scale == 7 && tcp.sack_permitted && tcp.stamped);
	assert_int_equal(tcp.stamp, 77);
	assert_int_equal(tcp.echo, 1000);
	assert_int_equal(tcp.sack_count, 0);
	exact_free(&b);
	tcp = tcp_named("syn-ack-plain", &b).tcp;
	assert_int_equal(tcp.mss, 0);
	assert_false(tcp.scaled || tcp.sack_permitted || tcp.stamped);
	exact_free(&b);
	tcp = tcp_named("syn-ack-padded", &b).tcp;
	assert_true(tcp.scaled && tcp.scale == 14);
	exact_free(&b);
	tcp = tcp_named("sack", &b).tcp;
	assert_int_equal(tcp.sack_count, 2);
	assert_int_equal(tcp.sack[0].start, 0x99888000);
	assert_int_equal(tcp.sack[0].end, 0x99888600);
	assert_int_equal(tcp.sack[1].end, 0x99889100);
	exact_free(&b);
	tcp = tcp_named("sack-4", &b).tcp;
	assert_int_equal(tcp.sack_count, 4);
	assert_int_equal(tcp.sack[3].end, 8);
	exact_free(&b);
	tcp = tcp_named("unknown-options", &b).tcp;
	assert_int_equal(tcp.mss, 536);
	exact_free(&b);
}

static void sums_are_checked_unless_trusted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tcp_packets); i++) {
		struct bytes b = from_hex(tcp_packets[i].hex);
		struct tcp_result got;

		b.at[IP_HEADER + 15] ^= 1; // of the window
		assert_false(tcp_of(&b, false).good);
		got = tcp_of(&b, true);
		assert_true(got.good);
		exact_free(&b);
	}
}

// The pseudo header counts: the same segment to another address is wrong.
static void sum_covers_the_addresses(void **state)
{
	struct bytes b = from_hex(PACKET(tcp_packets, "data"));
	struct reader r = reader_of(b.at, b.length), segment, payload;
	struct tcp tcp;
	struct ip ip;

	(void)state;
	assert_true(ip_read(&r, &ip, &segment));
	ip.destination = ipaddr_v4(10, 77, 0, 51);
	assert_false(tcp_read(&segment, &ip, false, &tcp, &payload));
	exact_free(&b);
}

// A segment of 24 bytes, its options as given; no checksum.
static bool good_options(const char *options, struct tcp *tcp)
{
	struct bytes o = from_hex(options), b;
	uint8_t segment[TCP_HEADER_MAX] = {[12] = (uint8_t)((TCP_HEADER + o.length) << 2)};
	struct reader r, payload;
	struct ip ip = {0};
	bool good;

	memcpy(segment + TCP_HEADER, o.at, o.length);
	b = exact_copy(segment, TCP_HEADER + o.length);
	r = reader_of(b.at, b.length);
	good = tcp_read(&r, &ip, true, tcp, &payload);
	assert_true(!good || reader_left(&payload) == 0);
	exact_free(&o);
	exact_free(&b);
	return good;
}

static void refuses_bad_option_lengths(void **state)
{
	struct tcp tcp;

	(void)state;
	assert_false(good_options("02000000", &tcp)); // an option of length 0 never ends
	assert_false(good_options("02010000", &tcp));
	assert_false(good_options("01010102", &tcp)); // no length
	assert_false(good_options("020505b4", &tcp)); // past the header
	assert_false(good_options("fdff0000", &tcp));
	assert_true(good_options("00020000", &tcp)); // behind the end
	assert_true(good_options("01010101", &tcp));
}

static void skips_known_options_of_other_lengths(void **state)
{
	struct tcp tcp;

	(void)state;
	assert_true(good_options("02030500", &tcp));
	assert_int_equal(tcp.mss, 0);
	assert_true(good_options("0304070703020101", &tcp));
	assert_false(tcp.scaled);
	assert_true(good_options("04030101", &tcp));
	assert_false(tcp.sack_permitted);
	assert_true(good_options("0806000003e80000", &tcp));
	assert_false(tcp.stamped);
	assert_true(good_options("0506000003e80000", &tcp));
	assert_int_equal(tcp.sack_count, 0);
}

static void takes_the_first_sack(void **state)
{
	struct tcp tcp;

	(void)state;
	assert_true(good_options("050a 00000001 00000002 050a 00000003 00000004", &tcp));
	assert_int_equal(tcp.sack_count, 1);
	assert_int_equal(tcp.sack[0].start, 1);
	assert_int_equal(tcp.sack[1].start, 0);
}

static void refuses_bad_offsets(void **state)
{
	(void)state;
	for (unsigned words = 0; words < 16; words++) {
		struct bytes b = from_hex(PACKET(tcp_packets, "odd-data-fin"));

		b.at[IP_HEADER + 12] = (uint8_t)(words << 4);
		assert_int_equal(tcp_of(&b, true).good, words == 5);
		exact_free(&b);
	}
}

static void must_fail(const uint8_t *bytes, size_t length, void *context)
{
	struct reader segment = reader_of(bytes, length), payload;
	struct ip ip = {.protocol = IP_TCP};
	struct tcp tcp;

	(void)context;
	assert_false(tcp_read(&segment, &ip, false, &tcp, &payload));
}

static void trusted(const uint8_t *bytes, size_t length, void *context)
{
	struct reader segment = reader_of(bytes, length), payload;
	size_t header = length > 12 ? (bytes[12] >> 4) * 4u : TCP_HEADER;
	struct ip ip = {.protocol = IP_TCP};
	struct tcp tcp;

	(void)context;
	assert_int_equal(tcp_read(&segment, &ip, true, &tcp, &payload), length >= header);
}

// With a sum, whatever is missing shows; without one, what is missing of the header.
static void cut_segments_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tcp_packets); i++) {
		struct bytes b = from_hex(tcp_packets[i].hex), segment;

		segment = exact_copy(b.at + IP_HEADER, b.length - IP_HEADER);
		each_truncation(&segment, must_fail, NULL);
		each_truncation(&segment, trusted, NULL);
		exact_free(&segment);
		exact_free(&b);
	}
}

// Every vector that is written as we would write it comes out the same, byte for byte; the others
// say the same again when they are read.
static void writes_what_it_reads(void **state)
{
	static const uint8_t room[IP_HEADER + TCP_HEADER_MAX + 64];
	unsigned same = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(tcp_packets); i++) {
		struct bytes b = from_hex(tcp_packets[i].hex), exact;
		struct tcp_result got = tcp_of(&b, false), again;
		size_t data = reader_left(&got.payload);
		struct writer w;

		exact = exact_copy(room, IP_HEADER + tcp_header_length(&got.tcp) + data);
		w = writer_of(exact.at, exact.length);
		tcp_write(&w, &got.ip, &got.tcp, got.payload.at, data);
		assert_false(w.failed);
		assert_int_equal(writer_length(&w), exact.length);
		again = tcp_of(&exact, false);
		assert_true(again.good);
		assert_memory_equal(&again.tcp, &got.tcp, sizeof got.tcp);
		assert_int_equal(reader_left(&again.payload), data);
		assert_memory_equal(again.payload.at, got.payload.at, data);
		same += exact.length == b.length && memcmp(exact.at, b.at, b.length) == 0;
		w = writer_of(exact.at, exact.length - 1);
		tcp_write(&w, &got.ip, &got.tcp, got.payload.at, data);
		assert_true(w.failed);
		exact_free(&exact);
		exact_free(&b);
	}
	assert_int_equal(same, 7); // scapy orders the options of "syn" otherwise
}

static void refuses_to_write_too_many_options(void **state)
{
	uint8_t buffer[200];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct tcp tcp = {.stamped = true, .sack_count = 3};
	struct ip ip = {.protocol = IP_TCP};

	(void)state;
	tcp_write(&w, &ip, &tcp, "x", 1);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), IP_HEADER + TCP_HEADER_MAX + 1);
	tcp.sack_count = 4;
	w = writer_of(buffer, sizeof buffer);
	tcp_write(&w, &ip, &tcp, "x", 1);
	assert_true(w.failed);
}

static void compares_across_the_end(void **state)
{
	(void)state;
	assert_true(tcp_before(0xfffffff0, 5));
	assert_false(tcp_before(5, 0xfffffff0));
	assert_false(tcp_before(5, 5));
	assert_true(tcp_until(5, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(reads_options),
		cmocka_unit_test(sums_are_checked_unless_trusted),
		cmocka_unit_test(sum_covers_the_addresses),
		cmocka_unit_test(refuses_bad_option_lengths),
		cmocka_unit_test(skips_known_options_of_other_lengths),
		cmocka_unit_test(takes_the_first_sack),
		cmocka_unit_test(refuses_bad_offsets),
		cmocka_unit_test(cut_segments_fail),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(refuses_to_write_too_many_options),
		cmocka_unit_test(compares_across_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
