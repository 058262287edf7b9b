// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/ether.h and arp.h: recorded frames, tags, every truncation, and the way back.
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

static void reads_frames(void **state)
{
	static const struct {
		const char *name;
		bool good;
		uint16_t type;
		size_t payload;
	} cases[] = {
		{"arp-request", true, ETHER_ARP, 46},
		{"arp-reply", true, ETHER_ARP, 28},
		{"priority-tag", true, ETHER_IP, 1},
		{"vlan-5", false, 0, 0},
		{"two-tags", false, 0, 0},
		{"header-only", true, ETHER_IP, 0},
		{"llc", true, 0x26, 3},
		{"dhcp-discover", true, ETHER_IP, 363},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = from_hex(PACKET(ether_packets, cases[i].name));
		struct reader r = reader_of(b.at, b.length);
		struct ether e;

		assert_int_equal(ether_read(&r, &e), cases[i].good);
		if (cases[i].good) {
			assert_int_equal(e.type, cases[i].type);
			assert_int_equal(reader_left(&r), cases[i].payload);
			assert_memory_equal(e.source, "\x52\x54\x00\x12\x34\x56",
				strcmp(cases[i].name, "arp-reply") != 0 ? 6 : 0);
		}
		exact_free(&b);
	}
	assert_int_equal(COUNT(cases), COUNT(ether_packets));
}

static void ether_fails(const uint8_t *bytes, size_t length, void *context)
{
	struct reader r = reader_of(bytes, length);
	struct ether e;

	(void)context;
	assert_false(ether_read(&r, &e));
}

static void short_frames_fail(void **state)
{
	struct bytes plain = from_hex(PACKET(ether_packets, "header-only"));
	struct bytes tagged = from_hex(PACKET(ether_packets, "priority-tag"));

	(void)state;
	tagged.length = ETHER_HEADER + 4;
	each_truncation(&plain, ether_fails, NULL);
	each_truncation(&tagged, ether_fails, NULL);
	exact_free(&plain);
	exact_free(&tagged);
}

static void writes_frames(void **state)
{
	struct ether e = {.source = {0x52, 0x54, 0, 0x12, 0x34, 0x56}, .type = ETHER_IP};
	uint8_t buffer[ETHER_HEADER];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	memcpy(e.destination, ether_broadcast, 6);
	ether_write(&w, &e);
	assert_false(w.failed);
	assert_hex(buffer, writer_length(&w), PACKET(ether_packets, "header-only"));
	ether_write(&w, &e);
	assert_true(w.failed);
}

static void reads_and_writes_arp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(arp_packets); i++) {
		struct bytes b = from_hex(arp_packets[i].hex);
		struct reader r = reader_of(b.at, b.length);
		uint8_t buffer[28];
		struct writer w = writer_of(buffer, sizeof buffer);
		struct arp a;

		assert_true(arp_read(&r, &a));
		arp_write(&w, &a);
		assert_false(w.failed);
		assert_int_equal(writer_length(&w), 28);
		assert_memory_equal(buffer, b.at, 28);
		exact_free(&b);
	}
}

static void arp_fields_are_in_place(void **state)
{
	struct bytes b = from_hex(PACKET(arp_packets, "reply"));
	struct reader r = reader_of(b.at, b.length);
	struct ipaddr sender = ipaddr_v4(10, 77, 0, 1), target = ipaddr_v4(10, 77, 0, 50);
	struct arp a;

	(void)state;
	assert_true(arp_read(&r, &a));
	assert_int_equal(a.operation, ARP_REPLY);
	assert_hex(a.sender_hwaddr, 6, "46e031477456");
	assert_hex(a.target_hwaddr, 6, "525400123456");
	assert_true(ipaddr_equal(&a.sender, &sender));
	assert_true(ipaddr_equal(&a.target, &target));
	exact_free(&b);
}

static void arp_fails(const uint8_t *bytes, size_t length, void *context)
{
	struct reader r = reader_of(bytes, length);
	struct arp a;

	(void)context;
	assert_false(arp_read(&r, &a));
}

static void refuses_other_arp(void **state)
{
	struct bytes b = from_hex(PACKET(arp_packets, "request"));

	(void)state;
	each_truncation(&b, arp_fails, NULL);
	for (size_t i = 0; i < 6; i++) { // hardware type, protocol, both lengths
		b.at[i] ^= 1;
		arp_fails(b.at, b.length, NULL);
		b.at[i] ^= 1;
	}
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_frames),
		cmocka_unit_test(short_frames_fail),
		cmocka_unit_test(writes_frames),
		cmocka_unit_test(reads_and_writes_arp),
		cmocka_unit_test(arp_fields_are_in_place),
		cmocka_unit_test(refuses_other_arp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
