// SPDX-License-Identifier: BSD-2-Clause
// Reading with netstack/wire/dhcp.h: recorded exchanges, overload, split options, and what must be
// refused.
#include "netstack/wire/dhcp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

struct parsed {
	struct bytes bytes;
	struct dhcp_message message;
	bool good;
};

static struct parsed parse_bytes(struct bytes bytes)
{
	struct parsed p = {.bytes = bytes};

	p.good = dhcp_parse(&p.message, p.bytes.at, p.bytes.length);
	return p;
}

static struct parsed parse(const char *name)
{
	struct parsed p = parse_bytes(from_hex(PACKET(dhcp_packets, name)));

	assert_true(p.good);
	return p;
}

// A reply whose options area (behind the cookie), file and sname fields are these, in hex.
static struct parsed parse_areas(const char *options, const char *file, const char *sname)
{
	struct bytes o = from_hex(options), f = from_hex(file), n = from_hex(sname);
	struct bytes fixed = from_hex("02010600 3903f326 00*228 63825363");
	uint8_t whole[1500];

	memcpy(whole, fixed.at, fixed.length);
	memcpy(whole + 44, n.at, n.length);
	memcpy(whole + 108, f.at, f.length);
	memcpy(whole + fixed.length, o.at, o.length);
	exact_free(&fixed);
	exact_free(&n);
	exact_free(&f);
	fixed = exact_copy(whole, DHCP_FIXED + 4 + o.length);
	exact_free(&o);
	return parse_bytes(fixed);
}

static void reads_a_recorded_exchange(void **state)
{
	static const struct {
		const char *name;
		uint8_t op, type;
		uint16_t flags;
	} cases[] = {
		{"pxe-discover", DHCP_BOOTREQUEST, DHCPDISCOVER, 0x8000},
		{"dnsmasq-offer", DHCP_BOOTREPLY, DHCPOFFER, 0x8000},
		{"pxe-request", DHCP_BOOTREQUEST, DHCPREQUEST, 0x8000},
		{"dnsmasq-ack", DHCP_BOOTREPLY, DHCPACK, 0x8000},
		{"bootp-reply", DHCP_BOOTREPLY, 0, 0},
		{"relayed-nak", DHCP_BOOTREPLY, DHCPNAK, 0},
		{"minimal", DHCP_BOOTREPLY, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p = parse(cases[i].name);

		assert_int_equal(p.message.op, cases[i].op);
		assert_int_equal(p.message.type, cases[i].type);
		assert_int_equal(p.message.flags, cases[i].flags);
		assert_int_equal(p.message.htype, 1);
		assert_int_equal(p.message.hlen, 6);
		assert_true(p.message.xid == 0x3903f326);
		assert_hex(p.message.chaddr, 16, "525400123456 00*10");
		exact_free(&p.bytes);
	}
}

static void reads_addresses(void **state)
{
	struct parsed p = parse("dnsmasq-ack");
	struct ipaddr yiaddr = ipaddr_v4(10, 77, 0, 50), server = ipaddr_v4(10, 77, 0, 1);

	(void)state;
	assert_true(ipaddr_equal(&p.message.yiaddr, &yiaddr));
	assert_true(ipaddr_equal(&p.message.siaddr, &server));
	assert_int_equal(p.message.ciaddr.family, IP_NONE);
	assert_int_equal(p.message.giaddr.family, IP_NONE);
	exact_free(&p.bytes);
}

static void reads_options_of_all_kinds(void **state)
{
	struct parsed p = parse("dnsmasq-ack");
	struct ipaddr dns[3], second = ipaddr_v4(10, 77, 0, 2);
	uint8_t bytes[40];
	uint32_t time = 0;
	char text[40];

	(void)state;
	assert_int_equal(p.message.type, DHCPACK);
	assert_true(dhcp_option_u32(&p.message, DHCP_OPTION_LEASE_TIME, &time));
	assert_int_equal(time, 7200);
	assert_int_equal(dhcp_option_ips(&p.message, DHCP_OPTION_DOMAIN_NAME_SERVER, dns, 3), 2);
	assert_true(ipaddr_equal(&dns[1], &second));
	assert_int_equal(dhcp_option_ips(&p.message, DHCP_OPTION_DOMAIN_NAME_SERVER, dns, 1), 1);
	assert_true(dhcp_option_text(&p.message, DHCP_OPTION_ROOT_PATH, text, sizeof text));
	assert_string_equal(text, "10.77.0.1:/srv/nfsroot,v3,tcp");
	assert_int_equal(
		dhcp_option(&p.message, DHCP_OPTION_CLASSLESS_ROUTES, bytes, sizeof bytes), 12);
	assert_hex(bytes, 12, "10 0a09 0a4d00fe 00 0a4d0001");
	assert_int_equal(dhcp_option(&p.message, DHCP_OPTION_CLIENT_ID, bytes, sizeof bytes), -1);
	assert_false(dhcp_option_text(&p.message, DHCP_OPTION_TZ_NAME, text, sizeof text));
	exact_free(&p.bytes);
}

static void numbers_need_their_size(void **state)
{
	struct parsed p = parse_areas("1a02 05dc | 3300 | 3403 000000 | 3a03 000001 | 3b08 00000002 00000003 | ff",
		"", "");
	uint16_t u16 = 0;
	uint32_t u32 = 0;

	(void)state;
	assert_true(p.good);
	assert_true(dhcp_option_u16(&p.message, 0x1a, &u16));
	assert_int_equal(u16, 1500);
	assert_false(dhcp_option_u32(&p.message, 0x1a, &u32));
	assert_false(dhcp_option_u32(&p.message, 0x33, &u32)); // empty
	assert_false(dhcp_option_u16(&p.message, 0x3a, &u16));
	assert_false(dhcp_option_u32(&p.message, 0x3a, &u32));
	assert_true(dhcp_option_u32(&p.message, 0x3b, &u32)); // given twice in a row: the first
	assert_int_equal(u32, 2);
	exact_free(&p.bytes);
}

static void addresses_ignore_left_over_bytes(void **state)
{
	struct parsed p = parse_areas("0607 0a000001 0a0000 | 0303 0a0000 | ff", "", "");
	struct ipaddr a[2];

	(void)state;
	assert_int_equal(dhcp_option_ips(&p.message, 6, a, 2), 1);
	assert_int_equal(dhcp_option_ips(&p.message, 3, a, 2), 0);
	assert_int_equal(dhcp_option_ips(&p.message, 4, a, 2), 0);
	exact_free(&p.bytes);
}

static void texts_end_at_nul_and_at_the_buffer(void **state)
{
	struct parsed p = parse_areas("0c05 6162006364 | 0f04 61626364 | 1101 00 | 2800 | ff", "", "");
	char text[8];

	(void)state;
	assert_true(dhcp_option_text(&p.message, 12, text, sizeof text));
	assert_string_equal(text, "ab");
	assert_true(dhcp_option_text(&p.message, 15, text, sizeof text));
	assert_string_equal(text, "abcd");
	assert_true(dhcp_option_text(&p.message, 15, text, 4));
	assert_string_equal(text, "abc");
	assert_false(dhcp_option_text(&p.message, 15, text, 1));
	assert_string_equal(text, "");
	strcpy(text, "x");
	assert_false(dhcp_option_text(&p.message, 17, text, sizeof text));
	assert_string_equal(text, "");
	assert_false(dhcp_option_text(&p.message, 40, text, sizeof text));
	assert_false(dhcp_option_text(&p.message, 41, text, sizeof text));
	exact_free(&p.bytes);
}

// RFC 3396 section 5: options, then file, then sname; option 52 inside an overloaded area is void.
static void joins_overloaded_areas(void **state)
{
	struct parsed p = parse("overload-both");
	char text[40];

	(void)state;
	assert_true(p.message.file_overloaded && p.message.sname_overloaded);
	assert_true(dhcp_option_text(&p.message, DHCP_OPTION_ROOT_PATH, text, sizeof text));
	assert_string_equal(text, "10.77.0.1:/srv/nfsroot");
	assert_true(dhcp_option_text(&p.message, DHCP_OPTION_HOST_NAME, text, sizeof text));
	assert_string_equal(text, "ws");
	assert_false(dhcp_file(&p.message, text, sizeof text));
	assert_string_equal(text, "");
	assert_false(dhcp_sname(&p.message, text, sizeof text));
	exact_free(&p.bytes);
}

static void overload_chooses_its_areas(void **state)
{
	static const struct {
		const char *options;
		bool file, sname;
	} cases[] = {
		{"3401 00", false, false},
		{"3401 01", true, false},
		{"3401 02", false, true},
		{"3401 03", true, true},
		{"3400", false, false},
		{"", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p = parse_areas(cases[i].options, "3401 03 4301 66 ff", "3401 03 4201 73 ff");
		char text[8];

		assert_true(p.good);
		assert_int_equal(p.message.file_overloaded, cases[i].file);
		assert_int_equal(p.message.sname_overloaded, cases[i].sname);
		assert_int_equal(dhcp_option_text(&p.message, 67, text, sizeof text), cases[i].file);
		assert_int_equal(dhcp_option_text(&p.message, 66, text, sizeof text), cases[i].sname);
		exact_free(&p.bytes);
	}
}

static void joins_split_options(void **state)
{
	struct parsed p = parse("split-option");
	struct ipaddr server[2];
	uint8_t bytes[300], some[10];

	(void)state;
	assert_int_equal(dhcp_option(&p.message, 43, bytes, sizeof bytes), 300);
	for (size_t i = 0; i < sizeof bytes; i++)
		assert_int_equal(bytes[i], i % 256);
	assert_int_equal(dhcp_option(&p.message, 43, some, sizeof some), 300);
	assert_memory_equal(some, bytes, sizeof some);
	assert_int_equal(dhcp_option(&p.message, 43, NULL, 0), 300);
	assert_int_equal(dhcp_option_ips(&p.message, 54, server, 2), 1);
	exact_free(&p.bytes);
	p = parse_areas("0602 0a00 0603 00010a 0603 000002 ff", "", "");
	assert_int_equal(dhcp_option_ips(&p.message, 6, server, 2), 2);
	assert_true(ipaddr_to_u32(&server[0]) == 0x0a000001);
	assert_true(ipaddr_to_u32(&server[1]) == 0x0a000002);
	exact_free(&p.bytes);
}

static void file_may_lack_its_nul(void **state)
{
	struct parsed p = parse("file-without-nul");
	char text[200], tiny[4];

	(void)state;
	assert_true(dhcp_file(&p.message, text, sizeof text));
	assert_int_equal(strlen(text), 128);
	assert_true(dhcp_sname(&p.message, text, sizeof text));
	assert_int_equal(strlen(text), 64);
	assert_true(dhcp_file(&p.message, tiny, sizeof tiny));
	assert_string_equal(tiny, "fff");
	assert_false(dhcp_file(&p.message, tiny, 1));
	exact_free(&p.bytes);
	p = parse("minimal");
	assert_false(dhcp_file(&p.message, text, sizeof text));
	assert_string_equal(text, "");
	exact_free(&p.bytes);
}

static void end_is_optional_and_final(void **state)
{
	struct parsed p = parse("overload-file-without-end");
	char text[40];

	(void)state;
	assert_true(dhcp_option_text(&p.message, DHCP_OPTION_BOOTFILE_NAME, text, sizeof text));
	assert_string_equal(text, "lanyard.0");
	exact_free(&p.bytes);
	p = parse_areas("0c01 61 ff 0f01 62 0cff", "", "");
	assert_true(p.good);
	assert_true(dhcp_option_text(&p.message, 12, text, sizeof text));
	assert_false(dhcp_option_text(&p.message, 15, text, sizeof text));
	exact_free(&p.bytes);
	p = parse("isc-padded-ack");
	assert_int_equal(dhcp_option(&p.message, DHCP_OPTION_SUBNET_MASK, NULL, 0), 4);
	assert_int_equal(dhcp_option(&p.message, DHCP_OPTION_PAD, NULL, 0), -1);
	assert_int_equal(dhcp_option(&p.message, DHCP_OPTION_END, NULL, 0), -1);
	exact_free(&p.bytes);
}

static void options_past_their_area_are_refused(void **state)
{
	static const struct {
		const char *options, *file, *sname;
	} cases[] = {
		{"0c", "", ""},
		{"0c01", "", ""},
		{"3501 05 0cff 61", "", ""},
		{"3401 01", "0cff", ""},
		{"3401 01", "00*127 0c", ""},
		{"3401 02", "", "0c3f 61"},
		{"3401 02", "", "00*63 0c"},
		{"3401 03", "ff", "00*62 0c01"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p = parse_areas(cases[i].options, cases[i].file, cases[i].sname);

		assert_false(p.good);
		exact_free(&p.bytes);
	}
}

static void options_up_to_the_last_byte_are_taken(void **state)
{
	struct parsed p = parse_areas("3401 03", "0c7e 61*126", "0f3e 62*62");
	char text[200];

	(void)state;
	assert_true(p.good);
	assert_true(dhcp_option_text(&p.message, 12, text, sizeof text));
	assert_int_equal(strlen(text), 126);
	assert_true(dhcp_option_text(&p.message, 15, text, sizeof text));
	assert_int_equal(strlen(text), 62);
	exact_free(&p.bytes);
}

static void refuses_bad_fixed_parts(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {{0, 0}, {0, 3}, {2, 17}, {2, 255}, {236, 0}, {239, 0x64}};
	struct dhcp_message m;

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct bytes b = from_hex(PACKET(dhcp_packets, "dnsmasq-ack"));

		b.at[changes[i].offset] = changes[i].value;
		assert_false(dhcp_parse(&m, b.at, b.length));
		exact_free(&b);
	}
}

static void hwaddr_of_16_bytes_is_taken(void **state)
{
	struct bytes b = from_hex(PACKET(dhcp_packets, "minimal"));
	struct dhcp_message m;

	(void)state;
	b.at[2] = 16;
	assert_true(dhcp_parse(&m, b.at, b.length));
	exact_free(&b);
}

// Asks for everything; nothing may be read outside the block.
static void use_everything(const uint8_t *bytes, size_t length, void *context)
{
	struct dhcp_message m;
	char text[64];

	(void)context;
	if (!dhcp_parse(&m, bytes, length))
		return;
	assert_true(length >= DHCP_FIXED + 4);
	for (unsigned code = 0; code < 256; code++) {
		dhcp_option_text(&m, (uint8_t)code, text, sizeof text);
		dhcp_suboption(&m, (uint8_t)code, 6, text, sizeof text);
	}
	dhcp_file(&m, text, sizeof text);
	dhcp_sname(&m, text, sizeof text);
}

static void every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dhcp_packets); i++) {
		struct bytes b = from_hex(dhcp_packets[i].hex);
		struct dhcp_message m;

		each_truncation(&b, use_everything, NULL);
		use_everything(b.at, b.length, NULL);
		assert_true(dhcp_parse(&m, b.at, b.length));
		exact_free(&b);
	}
}

static void reads_suboptions(void **state)
{
	struct parsed p = parse("proxy-offer");
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(dhcp_suboption(&p.message, 43, 6, bytes, sizeof bytes), 1);
	assert_int_equal(bytes[0], 8);
	assert_int_equal(dhcp_suboption(&p.message, 43, 210, bytes, sizeof bytes), 3);
	assert_memory_equal(bytes, "/p/", 3);
	assert_int_equal(dhcp_suboption(&p.message, 43, 210, bytes, 1), 3);
	assert_int_equal(dhcp_suboption(&p.message, 43, 210, NULL, 0), 3);
	assert_int_equal(dhcp_suboption(&p.message, 43, 7, bytes, sizeof bytes), -1);
	assert_int_equal(dhcp_suboption(&p.message, 60, 7, bytes, sizeof bytes), -1);
	assert_int_equal(dhcp_suboption(&p.message, 44, 6, bytes, sizeof bytes), -1);
	exact_free(&p.bytes);
}

static void suboptions_of_other_makes_are_left_alone(void **state)
{
	static const struct {
		const char *options;
		int length;
	} cases[] = {
		{"2b03 060108", 1},
		{"2b05 0000060108", 1},
		{"2b04 ff060108", -1},
		{"2b06 060108 07ff00", -1},      // a later sub-option runs past the end
		{"2b04 060208 07", 2},
		{"2b02 0602", -1},
		{"2b01 06", -1},
		{"2b02 0600", 0},
		{"2b06 060108 060109", 2},       // joined, as options are
		{"2b02 0601 2b01 08", 1},        // the outer option is split
		{"2b01 06 2b01 01 2b01 08", 1},
		{"2b00", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p = parse_areas(cases[i].options, "", "");
		uint8_t bytes[8] = {0};

		assert_true(p.good);
		assert_int_equal(dhcp_suboption(&p.message, 43, 6, bytes, sizeof bytes),
			cases[i].length);
		if (cases[i].length > 0)
			assert_int_equal(bytes[0], 8);
		exact_free(&p.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_recorded_exchange),
		cmocka_unit_test(reads_addresses),
		cmocka_unit_test(reads_options_of_all_kinds),
		cmocka_unit_test(numbers_need_their_size),
		cmocka_unit_test(addresses_ignore_left_over_bytes),
		cmocka_unit_test(texts_end_at_nul_and_at_the_buffer),
		cmocka_unit_test(joins_overloaded_areas),
		cmocka_unit_test(overload_chooses_its_areas),
		cmocka_unit_test(joins_split_options),
		cmocka_unit_test(file_may_lack_its_nul),
		cmocka_unit_test(end_is_optional_and_final),
		cmocka_unit_test(options_past_their_area_are_refused),
		cmocka_unit_test(options_up_to_the_last_byte_are_taken),
		cmocka_unit_test(refuses_bad_fixed_parts),
		cmocka_unit_test(hwaddr_of_16_bytes_is_taken),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(reads_suboptions),
		cmocka_unit_test(suboptions_of_other_makes_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
