// SPDX-License-Identifier: BSD-2-Clause
// bootloader/trees.h: the names of a machine's tree, and what is no tree.
#include "bootloader/trees.h"
#include "tests/unit/vectors.h"

#define NAMES(text) text, sizeof text // with the last one's NUL

static const struct {
	const char *compatible;
	size_t length;
	const char *files; // all candidates, each with a blank behind it
} machines[] = {
	{NAMES("linux,dummy-virt"), "dummy-virt.dtb linux/dummy-virt.dtb "},
	{NAMES("pine64,rockpro64-v2.1\0rockchip,rk3399"),
		"rk3399-rockpro64-v2.1.dtb rockchip/rk3399-rockpro64-v2.1.dtb "
		"rockpro64-v2.1.dtb pine64/rockpro64-v2.1.dtb "},
	{NAMES("a,b\0c,d\0e,f"),
		"f-b.dtb e/f-b.dtb b.dtb a/b.dtb f-d.dtb e/f-d.dtb d.dtb c/d.dtb "},
	{NAMES("board\0soc"), "soc-board.dtb board.dtb "}, // nobody's: no folder
	{NAMES("a,../b\0c,d"), ""},
	{NAMES("a b,c\0d,e"), ""},
	{NAMES("a,\0d,e"), ""},
	{NAMES("a,b\0"), "b.dtb a/b.dtb "}, // a name without letters counts for the processor
	{NAMES(""), ""},
	{"a,b", 3, ""}, // without its NUL
	{"", 0, ""},
	{NAMES("a,1\0a,2\0a,3\0a,4\0a,5\0b,c"),
		"c-1.dtb b/c-1.dtb 1.dtb a/1.dtb c-2.dtb b/c-2.dtb 2.dtb a/2.dtb "
		"c-3.dtb b/c-3.dtb 3.dtb a/3.dtb c-4.dtb b/c-4.dtb 4.dtb a/4.dtb "},
};

static void names_of_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		struct bytes names = exact_copy(machines[i].compatible, machines[i].length);
		char all[512];
		struct text t = text_of(all, sizeof all);
		size_t before = 0;

		for (unsigned n = 0; trees_candidate((const char *)names.at, names.length, n, &t); n++) {
			assert_in_range(n, 0, 99);
			if (t.length != before)
				text_putc(&t, ' ');
			before = t.length;
		}
		assert_string_equal(all, machines[i].files);
		exact_free(&names);
	}
}

static void what_is_no_tree(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *words; // NULL: good
	} cases[] = {
		{"\xd0\x0d\xfe\xed\0\0\0\x28" "12345678901234567890123456789012", 40, NULL},
		{"\xd0\x0d\xfe\xed\0\0\0\x28" "12345678901234567890123456789012....", 44, NULL},
		{"\xd0\x0d\xfe\xed\0\0\0\x29" "12345678901234567890123456789012", 40, "promises 41"},
		{"\xd0\x0d\xfe\xed\0\0\0\x28" "1234567890123456789012345678901", 39, "promises 40"},
		{"\xd0\x0d\xfe\xed", 4, "4 bytes, its header promises 40"},
		{"\xd0\x0d\xfe", 3, "3 bytes"},
		{"\xed\xfe\x0d\xd0", 4, "begins with ed fe 0d d0"},
		{"<htm", 4, "begins with 3c 68 74 6d"},
		{"", 0, "0 bytes"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = exact_copy(cases[i].bytes, cases[i].length);
		struct fault fault = {0};

		assert_int_equal(trees_check(b.at, b.length, "x.dtb", &fault), !cases[i].words);
		assert_int_equal(fault.id, cases[i].words ? FAULT_TREE_BAD : FAULT_NONE);
		assert_contains(fault.facts, cases[i].words ? cases[i].words : "");
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(what_is_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
