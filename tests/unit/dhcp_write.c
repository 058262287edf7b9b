// SPDX-License-Identifier: BSD-2-Clause
// Writing with netstack/wire/dhcp.h: the recorded messages byte for byte, long options, limits.
#include "netstack/wire/dhcp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

// Copies what was read option by option, and gets the same bytes.
static void writes_what_it_reads(void **state)
{
	static const char *const names[] = {"pxe-discover", "dnsmasq-offer", "pxe-request",
		"dnsmasq-ack"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct bytes in = from_hex(PACKET(dhcp_packets, names[i]));
		struct bytes out = exact_copy(in.at, in.length);
		struct writer w = writer_of(out.at, out.length);
		struct dhcp_message m;
		struct reader r;

		assert_true(dhcp_parse(&m, in.at, in.length));
		r = m.options;
		memset(out.at, 0xaa, out.length);
		dhcp_write_header(&w, &m, NULL, NULL);
		while (reader_left(&r) > 1) {
			uint8_t code = read_u8(&r);
			struct reader value = read_sub(&r, read_u8(&r));

			dhcp_write_option(&w, code, value.at, reader_left(&value));
		}
		dhcp_write_end(&w);
		assert_false(w.failed);
		assert_int_equal(writer_length(&w), in.length);
		assert_memory_equal(out.at, in.at, in.length);
		exact_free(&out);
		exact_free(&in);
	}
}

static void writes_each_kind(void **state)
{
	struct ipaddr a = ipaddr_v4(10, 0, 0, 1);
	uint8_t buffer[64];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	dhcp_write_u8(&w, 53, 1);
	dhcp_write_u16(&w, 57, 1472);
	dhcp_write_u32(&w, 51, 7200);
	dhcp_write_ip(&w, 50, &a);
	dhcp_write_text(&w, 12, "ws1");
	dhcp_write_option(&w, 80, NULL, 0);
	assert_false(w.failed);
	assert_hex(buffer, writer_length(&w),
		"350101 390205c0 330400001c20 32040a000001 0c03777331 5000");
}

static void splits_long_options(void **state)
{
	static const size_t lengths[] = {254, 255, 256, 510, 511, 1000};
	uint8_t value[1000], joined[1000], buffer[1400];
	struct dhcp_message header = {.op = DHCP_BOOTREPLY, .htype = 1, .hlen = 6}, m;

	(void)state;
	for (size_t i = 0; i < sizeof value; i++)
		value[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct writer w = writer_of(buffer, sizeof buffer);
		size_t parts = (lengths[i] + 254) / 255;

		dhcp_write_header(&w, &header, "server", "file");
		dhcp_write_option(&w, 43, value, lengths[i]);
		assert_int_equal(writer_length(&w), DHCP_FIXED + 4 + lengths[i] + 2 * parts);
		dhcp_write_end(&w);
		assert_true(dhcp_parse(&m, buffer, writer_length(&w)));
		assert_int_equal(dhcp_option(&m, 43, joined, sizeof joined), lengths[i]);
		assert_memory_equal(joined, value, lengths[i]);
	}
}

static void header_fields_are_bounded(void **state)
{
	struct dhcp_message m = {.op = DHCP_BOOTREPLY}, got;
	char file[129], text[200];
	uint8_t buffer[DHCP_FIXED + 4];

	(void)state;
	memset(file, 'f', sizeof file);
	for (size_t length = 126; length <= 128; length++) {
		struct writer w = writer_of(buffer, sizeof buffer);

		file[length] = 0;
		dhcp_write_header(&w, &m, NULL, file);
		assert_int_equal(w.failed, length > 127);
		if (!w.failed) {
			assert_true(dhcp_parse(&got, buffer, sizeof buffer));
			assert_true(dhcp_file(&got, text, sizeof text));
			assert_string_equal(text, file);
		}
		file[length] = 'f';
	}
	for (size_t length = 62; length <= 64; length++) {
		struct writer w = writer_of(buffer, sizeof buffer);

		file[length] = 0;
		dhcp_write_header(&w, &m, file, NULL);
		assert_int_equal(w.failed, length > 63);
		file[length] = 'f';
	}
}

static void messages_are_padded(void **state)
{
	struct dhcp_message m = {.op = DHCP_BOOTREQUEST};
	struct bytes b = from_hex("aa*301");
	struct writer w = writer_of(b.at, DHCP_MINIMUM);

	(void)state;
	dhcp_write_header(&w, &m, NULL, NULL);
	dhcp_write_end(&w);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), DHCP_MINIMUM);
	assert_hex(b.at + 240, 61, "ff 00*59 aa");
	w = writer_of(b.at, DHCP_MINIMUM - 1);
	dhcp_write_header(&w, &m, NULL, NULL);
	dhcp_write_end(&w);
	assert_true(w.failed);
	w = writer_of(b.at, b.length);
	dhcp_write_header(&w, &m, NULL, NULL);
	write_zeros(&w, 60);
	dhcp_write_end(&w);
	assert_int_equal(writer_length(&w), 301);
	exact_free(&b);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(dhcp_type_name(DHCPDISCOVER), "DHCPDISCOVER");
	assert_string_equal(dhcp_type_name(DHCPACK), "DHCPACK");
	assert_string_equal(dhcp_type_name(DHCPINFORM), "DHCPINFORM");
	assert_null(dhcp_type_name(0));
	assert_null(dhcp_type_name(9));
	assert_null(dhcp_type_name(255));
	assert_int_equal(DHCP_OPTION_CLIENT_ARCH, 93);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_each_kind),
		cmocka_unit_test(splits_long_options),
		cmocka_unit_test(header_fields_are_bounded),
		cmocka_unit_test(messages_are_padded),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
