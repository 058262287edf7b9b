// SPDX-License-Identifier: BSD-2-Clause
// Boot plans (bootloader/plan.h): one row per rule of pxelinux about the command line.
#include "bootloader/plan.h"
#include "tests/unit/config_text.h"
#include "tests/unit/vectors.h"

static struct config config;
static struct plan plan;
static struct fault fault;
static const struct plan_sysappend sysappend = {{"ip=1:2:3:4", "BOOTIF=01-52"}};

static bool make(const char *command)
{
	fault_clear(&fault);
	return plan_make(&plan, &config, command, false, &sysappend, &fault);
}

static const struct row {
	const char *config, *command, *line;
	const char *initrds; // joined by '|'
} rows[] = {
	{"LABEL linux\nKERNEL vmlinuz\nAPPEND root=/dev/nfs initrd=initrd.img rw\n", "linux",
		"BOOT_IMAGE=vmlinuz root=/dev/nfs initrd=initrd.img rw", "initrd.img"},
	{"LABEL l\n", "l", "BOOT_IMAGE=l ", ""},
	{"LABEL l\nKERNEL k\nAPPEND a\nINITRD i\nSYSAPPEND 3\n", "l typed",
		"BOOT_IMAGE=k a initrd=i ip=1:2:3:4 BOOTIF=01-52 typed", "i"},
	{"LABEL l\nKERNEL k\nIPAPPEND 1\n", "l", "BOOT_IMAGE=k ip=1:2:3:4", ""},
	{"LABEL l\nKERNEL k\nSYSAPPEND 2\n", "l", "BOOT_IMAGE=k BOOTIF=01-52", ""},
	{"LABEL l\nKERNEL k\nSYSAPPEND 0xfffc\n", "l", "BOOT_IMAGE=k ", ""},
	// APPEND: the label's replaces the global one; '-' is none, '- ' is not '-'.
	{"APPEND g\nLABEL l\nKERNEL k\n", "l", "BOOT_IMAGE=k g", ""},
	{"APPEND g\nLABEL l\nKERNEL k\nAPPEND a\n", "l", "BOOT_IMAGE=k a", ""},
	{"APPEND g\nLABEL l\nKERNEL k\nAPPEND -\n", "l", "BOOT_IMAGE=k ", ""},
	{"APPEND g\nLABEL l\nKERNEL k\nAPPEND - \n", "l", "BOOT_IMAGE=k - ", ""},
	{"APPEND g\nLABEL l\nKERNEL k\nAPPEND\n", "l", "BOOT_IMAGE=k ", ""},
	{"APPEND -\nLABEL l\nKERNEL k\n", "l", "BOOT_IMAGE=k ", ""},
	{"APPEND g\nLABEL l\nKERNEL k\nMENU SEPARATOR\nAPPEND h\n", "l", "BOOT_IMAGE=k g", ""},
	{"LABEL l\nKERNEL k\nMENU SEPARATOR\nAPPEND h\nLABEL m\nKERNEL k\n", "l", "BOOT_IMAGE=k ", ""},
	// Trailing blanks and comments reach the kernel.
	{"LABEL l\nKERNEL k\nAPPEND a  b # c \n", "l  t", "BOOT_IMAGE=k a  b # c  t", ""},
	// KERNEL may carry arguments.
	{"LABEL l\nKERNEL k x=1\nAPPEND a\n", "l", "BOOT_IMAGE=k x=1 a", ""},
	// The first initrd= on the line wins, wherever it is; the others stay on the line.
	{"LABEL l\nKERNEL k\nAPPEND initrd=a\nINITRD b\n", "l initrd=c",
		"BOOT_IMAGE=k initrd=a initrd=b initrd=c", "a"},
	{"LABEL l\nKERNEL k\nAPPEND x\nINITRD b\n", "l initrd=c", "BOOT_IMAGE=k x initrd=b initrd=c", "b"},
	{"LABEL l\nKERNEL k\nAPPEND noinitrd=a initrd=b\n", "l", "BOOT_IMAGE=k noinitrd=a initrd=b", "a"},
	{"LABEL l\nKERNEL k\nINITRD a,b/c,::d\n", "l", "BOOT_IMAGE=k initrd=a,b/c,::d", "a|b/c|::d"},
	{"LABEL l\nKERNEL k\nINITRD a,,b, c , d e\n", "l", "BOOT_IMAGE=k initrd=a,,b,c,d e", "a|b|c|d"},
	{"LABEL l\nKERNEL k\nAPPEND initrd= x\n", "l", "BOOT_IMAGE=k initrd= x", ""},
	{"LABEL initrd=x\nKERNEL initrd=y\n", "initrd=x", "BOOT_IMAGE=initrd=y ", ""},
	// Not a label: the command is the file's name with its arguments. No global APPEND.
	{"APPEND g\nLABEL l\n", "vmlinuz a=b initrd=i", "BOOT_IMAGE=vmlinuz a=b initrd=i", "i"},
	{"", "  k  x", "BOOT_IMAGE=k x", ""},
	{"SYSAPPEND 2\n", "k x", "BOOT_IMAGE=k x BOOTIF=01-52", ""},
	{"SYSAPPEND 2\n", "menu.c32", "BOOT_IMAGE=menu.c32 ", ""},
	{"SYSAPPEND 2\n", "menu x", "BOOT_IMAGE=menu x", ""},
	{"LABEL l\nSYSAPPEND 2\n", "k x", "BOOT_IMAGE=k x", ""},
	{"SYSAPPEND 2\nLABEL l\nKERNEL menu.c32 a\n", "l", "BOOT_IMAGE=menu.c32 a", ""},
	{"SYSAPPEND 2\nLABEL l\nCOM32 m\n", "l", "BOOT_IMAGE=m ", ""},
	{"SYSAPPEND 2\nLABEL l\nCONFIG c\n", "l", "BOOT_IMAGE=c ", ""},
	{"SYSAPPEND 2\nLABEL l\nLINUX m.c32\n", "l", "BOOT_IMAGE=m.c32 BOOTIF=01-52", ""},
	// The whole name counts before its first word.
	{"LABEL Foo\nKERNEL j\nLABEL Foo Bar \nKERNEL k\n", "Foo Bar", "BOOT_IMAGE=k ", ""},
	{"LABEL Foo Bar\nKERNEL k\n", "Foo x", "BOOT_IMAGE=k x", ""},
	{"LABEL Foo Bar\nKERNEL k\n", "Foo Bar x", "BOOT_IMAGE=k Bar x", ""},
	{"LABEL Foo Bar\n", "Foo", "BOOT_IMAGE=Foo ", ""},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char initrds[512] = "";

		read_config(&config, rows[i].config);
		assert_true(make(rows[i].command));
		assert_string_equal(plan.command_line, rows[i].line);
		for (size_t k = 0; k < plan.initrd_count; k++)
			sprintf(initrds + strlen(initrds), "%s%s", k ? "|" : "", plan.initrds[k]);
		assert_string_equal(initrds, rows[i].initrds);
	}
}

static void test_image_types(void **state)
{
	static const struct {
		const char *config;
		enum config_image image;
	} cases[] = {
		{"LABEL l\nKERNEL vmlinuz\n", IMAGE_LINUX},
		{"LABEL l\nKERNEL vmlinuz-6.1.0-31-amd64\n", IMAGE_LINUX},
		{"LABEL l\nKERNEL menu.c32\n", IMAGE_MODULE},
		{"LABEL l\nKERNEL pxelinux.0\n", IMAGE_PROGRAM},
		{"LABEL l\nKERNEL a.bs b\n", IMAGE_PROGRAM},
		{"LABEL l\nKERNEL disk.img\n", IMAGE_OTHER},
		{"LABEL l\nLINUX menu.c32\n", IMAGE_LINUX},
		{"LABEL l\nLINUX x\nKERNEL y.bin\n", IMAGE_PROGRAM},
		{"LABEL l\nLOCALBOOT 0\n", IMAGE_LOCAL},
		{"LABEL l.0\n", IMAGE_LINUX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_config(&config, cases[i].config);
		assert_true(make("l"));
		assert_int_equal(plan.image, cases[i].image);
	}
	assert_null(plan.label);
	read_config(&config, "LABEL l\nKERNEL k\n");
	assert_true(make("l"));
	assert_string_equal(plan.label, "l");
	assert_string_equal(plan.kernel, "k");
}

static void test_words_that_matter_to_us(void **state)
{
	(void)state;
	read_config(&config, "");
	assert_true(make("k a"));
	assert_int_equal(plan.video_mode, 0xffff);
	assert_true(plan.memory_limit == UINT64_MAX);
	assert_false(plan.quiet || plan.keep_pxe);
	assert_true(make("k vga=ask mem=512M vga=0x317 lowmem=1 xquietx keeppxe"));
	assert_int_equal(plan.video_mode, 0x317);
	assert_true(plan.memory_limit == 512 << 20);
	assert_true(plan.quiet && plan.keep_pxe);
	assert_true(make("k vga=ext mem=4g"));
	assert_int_equal(plan.video_mode, 0xfffe);
	assert_true(plan.memory_limit == (uint64_t)4 << 30);
	assert_true(make("k vga=normal mem=0x1000 quie t"));
	assert_int_equal(plan.video_mode, 0xffff);
	assert_true(plan.memory_limit == 4096);
	assert_false(plan.quiet);
	assert_true(make("k vga= mem= mem=M"));
	assert_int_equal(plan.video_mode, 0xffff);
	assert_true(plan.memory_limit == UINT64_MAX);
}

static void test_line_length(void **state)
{
	char command[4600] = "k ";
	size_t room = PLAN_LINE - strlen("BOOT_IMAGE=k ");

	(void)state;
	read_config(&config, "");
	memset(command + 2, 'x', room);
	assert_true(make(command));
	assert_int_equal(strlen(plan.command_line), PLAN_LINE);
	command[2 + room] = 'x';
	assert_false(make(command));
	assert_int_equal(fault.id, FAULT_COMMAND_LINE);
	assert_contains(fault.facts, "2048 characters, 2047");
	memset(command + 2, 'x', sizeof command - 3);
	assert_false(make(command));
	assert_int_equal(fault.id, FAULT_COMMAND_LINE);
}

static void test_long_names_and_many_initrds(void **state)
{
	char command[1024] = "";

	(void)state;
	read_config(&config, "");
	memset(command, 'k', PATH_NAME - 1);
	assert_true(make(command));
	command[PATH_NAME - 1] = 'k';
	assert_false(make(command));
	assert_int_equal(fault.id, FAULT_CONFIG_ERROR);
	strcpy(command, "k initrd=");
	for (int i = 0; i < PLAN_INITRDS; i++)
		strcat(command, "i,");
	assert_true(make(command));
	assert_int_equal(plan.initrd_count, PLAN_INITRDS);
	strcat(command, "i");
	assert_false(make(command));
	assert_int_equal(fault.id, FAULT_CONFIG_ERROR);
}

static void test_what_is_typed_can_be_restricted(void **state)
{
	(void)state;
	read_config(&config, "ALLOWOPTIONS 0\nIMPLICIT 0\nLABEL l\nKERNEL k\nAPPEND a\n");
	assert_true(plan_make(&plan, &config, "l single", true, &sysappend, &fault));
	assert_string_equal(plan.command_line, "BOOT_IMAGE=k a");
	assert_true(plan.options_dropped);
	assert_true(plan_make(&plan, &config, "l single", false, &sysappend, &fault));
	assert_string_equal(plan.command_line, "BOOT_IMAGE=k a single");
	assert_false(plan.options_dropped);
	assert_false(plan_make(&plan, &config, "k", true, &sysappend, &fault));
	assert_int_equal(fault.id, FAULT_CONFIG_LABEL);
	read_config(&config, "IMPLICIT 0\nUI menu.c32 x\n");
	assert_true(make(config_command(&config)));
	assert_int_equal(plan.image, IMAGE_MODULE);
	assert_string_equal(plan.arguments, "x");
}

static void test_labels_as_menus_choose_them(void **state)
{
	size_t length;
	const struct config_label *l;

	(void)state;
	read_config(&config, "LABEL a b\nKERNEL one\n"
		"LABEL a c\nLINUX two.c32\nAPPEND x\nINITRD i\nSYSAPPEND 2\n"
		"FDT t\nKASLRSEED\n");
	l = config_find(&config, "a c", &length);
	assert_true(plan_make_label(&plan, l, NULL, &sysappend, &fault));
	assert_string_equal(plan.command_line, "BOOT_IMAGE=two.c32 x initrd=i BOOTIF=01-52");
	assert_string_equal(plan.arguments, "x initrd=i BOOTIF=01-52");
	assert_string_equal(plan.label, "a c");
	assert_string_equal(plan.fdt, "t");
	assert_true(plan.kaslrseed);
	assert_true(plan_make_label(&plan, l, "three.c32 y", &sysappend, &fault));
	assert_string_equal(plan.command_line, "BOOT_IMAGE=three.c32 y");
	assert_int_equal(plan.image, IMAGE_LINUX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_image_types),
		cmocka_unit_test(test_words_that_matter_to_us),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_long_names_and_many_initrds),
		cmocka_unit_test(test_what_is_typed_can_be_restricted),
		cmocka_unit_test(test_labels_as_menus_choose_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
