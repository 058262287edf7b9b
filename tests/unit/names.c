// SPDX-License-Identifier: BSD-2-Clause
// server-stub/names.h: what firmware sends as a file name.
#include "server-stub/names.h"
#include "tests/unit/vectors.h"

static void cleans_what_clients_send(void **state)
{
	static const struct {
		const char *sent, *clean;
	} cases[] = {
		{"vmlinuz", "vmlinuz"},
		{"/boot/vmlinuz", "boot/vmlinuz"},
		{"///vmlinuz", "vmlinuz"},
		{"\\boot\\x86\\a.efi", "boot/x86/a.efi"},
		{"/\\/a", "a"},
		{"lanyard.0\xff", "lanyard.0"},
		{"lanyard.0\xff\x06\x01", "lanyard.0"},
		{"lanyard.0  \r\n", "lanyard.0"},
		{"lanyard.0 ", "lanyard.0"},
		{"a b", "a b"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"../x", "../x"},
		{"", ""},
		{"/", ""},
		{"\xff", ""},
	};
	char clean[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(name_clean(cases[i].sent, clean, sizeof clean));
		assert_string_equal(clean, cases[i].clean);
	}
}

static void refuses_names_without_room(void **state)
{
	char clean[4];

	(void)state;
	assert_true(name_clean("/abc", clean, sizeof clean));
	assert_string_equal(clean, "abc");
	assert_false(name_clean("/abcd", clean, sizeof clean));
}

static void normalises(void **state)
{
	static const struct {
		const char *sent, *normal;
	} cases[] = {
		{"a/b", "a/b"},
		{"a//b/", "a/b"},
		{"./a/./b/.", "a/b"},
		{"a/../b", "b"},
		{"a/b/../../c", "c"},
		{"../../etc/passwd", "etc/passwd"},
		{"a/../..", ""},
		{"..", ""},
		{"a/b/..", "a"},
		{"...", "..."},
		{"..a/b..", "..a/b.."},
		{".a", ".a"},
		{"a/.../b", "a/.../b"},
		{"", ""},
		{"//", ""},
	};
	char name[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		strcpy(name, cases[i].sent);
		name_normalise(name);
		assert_string_equal(name, cases[i].normal);
	}
}

static void knows_other_names_of_our_files(void **state)
{
	(void)state;
	assert_true(name_means("vmlinuz", "vmlinuz"));
	assert_true(name_means("VMLINUZ", "vmlinuz"));
	assert_true(name_means("Lanyard.0", "lanyard.0"));
	assert_true(name_means("lanyard", "lanyard.0"));
	assert_true(name_means("lanyard.0.0", "lanyard.0"));
	assert_true(name_means("LANYARDX64.EFI.0", "lanyardx64.efi"));
	// A client that tries vmlinuz.0 before vmlinuz would start the kernel as a boot program.
	assert_false(name_means("vmlinuz.0", "vmlinuz"));
	assert_false(name_means("lanyardx64", "lanyardx64.efi"));
	assert_false(name_means("lanyard.", "lanyard.0"));
	assert_false(name_means("", "lanyard.0"));
	assert_false(name_means("", ".0"));
	assert_false(name_means(".0", "a.0"));
}

static void finds_what_is_below(void **state)
{
	(void)state;
	assert_string_equal(name_below("boot/vmlinuz", "boot"), "vmlinuz");
	assert_string_equal(name_below("BOOT/Vmlinuz", "boot"), "Vmlinuz");
	assert_string_equal(name_below("boot", "boot"), "");
	assert_string_equal(name_below("a/b", ""), "a/b");
	assert_null(name_below("bootx/vmlinuz", "boot"));
	assert_null(name_below("boo", "boot"));
	assert_null(name_below("", "boot"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleans_what_clients_send),
		cmocka_unit_test(refuses_names_without_room),
		cmocka_unit_test(normalises),
		cmocka_unit_test(knows_other_names_of_our_files),
		cmocka_unit_test(finds_what_is_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
