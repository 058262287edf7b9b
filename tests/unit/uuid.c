// SPDX-License-Identifier: BSD-2-Clause
// bootloader/uuid.h: SMBIOS entry points of both kinds, tables with strings, every truncation; DHCP.
#include "bootloader/uuid.h"
#include "tests/unit/vectors.h"

enum { OPTIONS_AT = 240 };

#define UUID "67452301 ab89 ef4d 8123 456789abcdef"

static const char table_hex[] =
	"00 18 0000 01 02 00f0 03 ff 00*14 | 51454d55 00 31 00 00" // BIOS: "QEMU", "1"
	"01 1b 0100 01 02 00 00 " UUID " 06 00 00 | 51 00 00"      // system
	"7f 04 0200 | 0000";

static void uuid_fails(const uint8_t *bytes, size_t length, void *context)
{
	uint8_t uuid[16];

	if (length < *(size_t *)context)
		assert_false(uuid_of_smbios(bytes, length, uuid));
	else
		assert_true(uuid_of_smbios(bytes, length, uuid));
}

static void finds_the_uuid(void **state)
{
	struct bytes table = from_hex(table_hex);
	size_t enough = 24 + 8 + 27;
	uint8_t uuid[16];

	(void)state;
	assert_true(uuid_of_smbios(table.at, table.length, uuid));
	assert_hex(uuid, 16, UUID);
	each_truncation(&table, uuid_fails, &enough);
	exact_free(&table);
}

static void tables_without_a_uuid(void **state)
{
	static const char *const tables[] = {
		"", "00", "01 19", "01 03 0000", "01 00 0000",
		"7f 04 0200 0000",
		"7f 04 0200 0000 01 19 0100 01 02 00 00 " UUID " 06 0000", // after the end
		"01 08 0100 01 02 03 04 0000",                              // SMBIOS 2.0: no UUID
		"01 19 0100 00000000 00*16 06 0000",
		"01 19 0100 00000000 ff*16 06 0000",
		"02 ff 0100",
		"02 04 0100 41*20",                                         // strings without an end
	};
	uint8_t uuid[16];

	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++) {
		struct bytes b = from_hex(tables[i]);

		assert_false(uuid_of_smbios(b.at, b.length, uuid));
		exact_free(&b);
	}
}

static void close_sum(uint8_t *at, size_t length, size_t where)
{
	uint8_t sum = 0;

	at[where] = 0;
	for (size_t i = 0; i < length; i++)
		sum += at[i];
	at[where] = (uint8_t)-sum;
}

static void finds_entry_points(void **state)
{
	struct bytes old = from_hex("00*32 5f534d5f 00 1f 02 08 0000 00 00*5 5f444d495f 00 3412 "
				    "78563400 0300 28 00");
	struct bytes new = from_hex("00*16 5f534d335f 00 18 03 00 00 01 00 21430000 "
				    "8877665500000000");
	uint64_t table;
	uint32_t length;

	(void)state;
	close_sum(old.at + 32, 0x1f, 4);
	assert_true(uuid_smbios_entry(old.at, old.length, &table, &length));
	assert_int_equal(table, 0x345678);
	assert_int_equal(length, 0x1234);
	close_sum(new.at + 16, 0x18, 5);
	assert_true(uuid_smbios_entry(new.at, new.length, &table, &length));
	assert_int_equal(table, 0x55667788);
	assert_int_equal(length, 0x4321);
	for (size_t cut = 0; cut < 0x1f + 32; cut++)
		assert_false(uuid_smbios_entry(old.at, cut, &table, &length));
	old.at[40]++; // checksum
	assert_false(uuid_smbios_entry(old.at, old.length, &table, &length));
	new.at[16 + 6] = 0xff; // longer than the area
	assert_false(uuid_smbios_entry(new.at, new.length, &table, &length));
	exact_free(&old);
	exact_free(&new);
}

// Option 97 behind others; not without its type byte, not cut off, not behind the end, not empty.
static void finds_option_97(void **state)
{
	static const struct {
		const char *options;
		bool good;
	} packets[] = {
		{"35 01 01 | 61 11 00 " UUID " | ff", true},
		{"00*5 | 61 11 00 " UUID, true},
		{"61 11 01 " UUID " | ff", false},
		{"61 10 " UUID " | ff", false},
		{"ff | 61 11 00 " UUID, false},
		{"61 11 00 00*16 | ff", false},
		{"61 11 00 112233", false},
		{"61", false},
		{"", false},
	};
	uint8_t bytes[300] = {0}, uuid[16];

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct bytes options = from_hex(packets[i].options);
		struct platform_packet p = {bytes, OPTIONS_AT + options.length};

		memcpy(bytes + OPTIONS_AT, options.at, options.length);
		assert_int_equal(uuid_of_packet(&p, uuid), packets[i].good);
		exact_free(&options);
	}
	assert_false(uuid_of_packet(&(struct platform_packet){0}, uuid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_uuid),
		cmocka_unit_test(tables_without_a_uuid),
		cmocka_unit_test(finds_entry_points),
		cmocka_unit_test(finds_option_97),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
