// SPDX-License-Identifier: BSD-2-Clause
// SYSAPPEND's texts about the machine (bootloader/sysappend.h), from SMBIOS tables, whole and cut.
#include "bootloader/sysappend.h"
#include "tests/unit/vectors.h"

// Types 0, 1, 2, 3 and the end, as firmware writes them.
static const uint8_t table[] =
	"\0\x18\0\0" "\1\2\0\0\3" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "SeaBIOS\0rel 1.16\0date\0\0"
	"\1\x1b\1\0" "\1\2\3\0" "0123456789abcdef" "\0\4\5" "  Some\t Vendor \0PC\0v1\0SKU\0fam ily\0\0"
	"\2\x0f\2\0" "\1\0\2\3\4" "\0\0\0\0\0\0" "Board\0 \0serial\0\0"
	"\3\x0d\3\0" "\0\x83\0\0\0\0\0\0\0" "\0\0"
	"\x7f\4\x7f\0" "\0\0";

static struct plan_sysappend texts;
static char room[SYSAPPEND_ROOM];

static void collect(const struct platform_identity *id)
{
	texts = (struct plan_sysappend){{"ip", "bootif"}};
	sysappend_machine(&texts, room, id);
}

static void test_all(void **state)
{
	static const char *const expected[PLAN_SYSAPPENDS] = {
		"ip", "bootif", "SYSUUID=01020304-0506-0708-090a-0b0c0d0e0f10", "CPU=6PVXL",
		"SYSVENDOR=Some_Vendor", "SYSPRODUCT=PC", "SYSVERSION=v1", NULL, "SYSSKU=SKU",
		"SYSFAMILY=fam_ily", "MBVENDOR=Board", NULL, NULL, "MBSERIAL=serial", NULL,
		"BIOSVENDOR=SeaBIOS", "BIOSVERSION=rel_1.16", "SYSFF=3", NULL,
	};
	struct platform_identity id = {
		.smbios = {table, sizeof table - 1},
		.has_uuid = true,
		.uuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		.cpu = {.signature = 0x906ea, .ecx = 1 << 5, .edx = 1 << 6,
			.extended_edx = 1 << 29 | 1 << 20},
	};

	(void)state;
	collect(&id);
	for (size_t i = 0; i < PLAN_SYSAPPENDS; i++) {
		if (!expected[i])
			assert_null(texts.text[i]);
		else
			assert_string_equal(texts.text[i] ? texts.text[i] : "none", expected[i]);
	}
	id.cpu = (struct platform_cpu){.signature = 0x5b0, .extended_ecx = 1 << 2, .ecx = 1 << 6};
	collect(&id);
	assert_string_equal(texts.text[3], "CPU=5TS");
}

// SMBIOS 2.3 has no SKU: what lies there belongs to the strings.
static void test_a_short_structure(void **state)
{
	static const uint8_t old[] = "\1\x19\1\0" "\1\0\0\0" "0123456789abcdef" "\0" "\1endor\0\0" "\x7f\4\0\0\0";
	const struct platform_identity id = {.smbios = {old, sizeof old - 1}};

	(void)state;
	collect(&id);
	assert_string_equal(texts.text[4], "SYSVENDOR=endor");
	assert_null(texts.text[8]);
}

static void test_nothing_is_known(void **state)
{
	const struct platform_identity id = {0};

	(void)state;
	collect(&id);
	for (size_t i = 2; i < PLAN_SYSAPPENDS; i++)
		assert_null(texts.text[i]);
}

static void test_every_truncation(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof table - 1; length++) {
		uint8_t *copy = malloc(length ? length : 1);
		const struct platform_identity id = {.smbios = {copy, length}};

		memcpy(copy, table, length);
		collect(&id);
		for (size_t i = 4; i < PLAN_SYSAPPENDS; i++)
			if (texts.text[i])
				assert_in_range(strlen(texts.text[i]), 1, 40);
		free(copy);
	}
}

static void test_texts_that_are_too_long(void **state)
{
	static uint8_t large[4000];
	const struct platform_identity id = {.smbios = {large, sizeof large}};

	(void)state;
	memset(large, 'x', sizeof large);
	memcpy(large, "\1\x1b\1\0\1\1\1\1", 8);
	memset(large + 8, 0, 0x1b - 8);
	memset(large + 600, 0, 2);
	memcpy(large + 602, "\x7f\4\0\0\0\0", 6);
	collect(&id);
	assert_int_equal(strlen(texts.text[4]), strlen("SYSVENDOR=") + 600 - 0x1b);
	assert_non_null(texts.text[5]);
	assert_null(texts.text[6]); // no room for it any more
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_a_short_structure),
		cmocka_unit_test(test_nothing_is_known),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_texts_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
