// SPDX-License-Identifier: BSD-2-Clause
// server-stub/boot_choice.h: the boot program by option 93.
#include "server-stub/boot_choice.h"
#include "tests/unit/vectors.h"

static const struct boot_programs all = {"lanyard.0", "lanyardx64.efi", "lanyardaa64.efi"};

static const struct {
	int arch;
	const char *program, *machine;
} cases[] = {
	{-1, "lanyard.0", "does not say"},
	{0x00, "lanyard.0", "BIOS"},
	{0x01, NULL, "unknown"}, // NEC PC-98
	{0x06, NULL, "32-bit UEFI"},
	{0x07, "lanyardx64.efi", "x64 UEFI"},
	{0x08, NULL, "unknown"},
	{0x09, "lanyardx64.efi", "x64 UEFI"},
	{0x0a, NULL, "32-bit ARM"},
	{0x0b, "lanyardaa64.efi", "arm64 UEFI"},
	{0x10, "lanyardx64.efi", "x64 UEFI"}, // not decimal 10, which is 32-bit ARM
	{0x13, "lanyardaa64.efi", "arm64 UEFI"},
	{0x15, NULL, "32-bit ARM U-Boot"},
	{0x16, "lanyardaa64.efi", "arm64 U-Boot"},
	{0x18, "lanyardaa64.efi", "arm64 U-Boot"},
	{0x1b, NULL, "RISC-V"},
	{0x29, NULL, "Raspberry"},
	{0x2a, NULL, "unknown"},
	{0xffff, NULL, "unknown"},
};

static void test_by_architecture(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct boot_choice c = boot_choose(&all, BOOT_PXE, cases[i].arch);

		assert_contains(c.machine, cases[i].machine);
		if (!cases[i].program)
			assert_null(c.program);
		else
			assert_string_equal(c.program, cases[i].program);
		assert_int_equal(c.missed, !cases[i].program);
	}
}

// The same, but for BIOS programs.
static void test_by_http(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct boot_choice c = boot_choose(&all, BOOT_HTTP, cases[i].arch);

		if (!cases[i].program || !strcmp(cases[i].program, "lanyard.0"))
			assert_null(c.program);
		else
			assert_string_equal(c.program, cases[i].program);
		assert_int_equal(c.missed, !c.program);
	}
}

static void test_other_machines_are_not_booted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct boot_choice c = boot_choose(&all, BOOT_NOT, cases[i].arch);

		assert_null(c.program);
		assert_false(c.missed);
	}
}

static void test_a_program_that_is_not_there(void **state)
{
	struct boot_programs some = {.bios = "lanyard.0"};

	(void)state;
	assert_string_equal(boot_choose(&some, BOOT_PXE, 0).program, "lanyard.0");
	assert_null(boot_choose(&some, BOOT_PXE, 7).program);
	assert_true(boot_choose(&some, BOOT_PXE, 7).missed);
	assert_false(boot_choose(&some, BOOT_NOT, 7).missed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_architecture),
		cmocka_unit_test(test_by_http),
		cmocka_unit_test(test_other_machines_are_not_booted),
		cmocka_unit_test(test_a_program_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
