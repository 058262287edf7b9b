// SPDX-License-Identifier: BSD-2-Clause
// The configuration language (bootloader/config.h): lexing, scopes, and what acts while reading.
#include "bootloader/config.h"
#include "tests/unit/vectors.h"

static struct config *c;
static char said[4096];
static uint32_t port, baud, flow;

static void say(const char *text)
{
	strcat(said, text);
	strcat(said, "|");
}

static void serial(uint32_t p, uint32_t b, uint32_t f)
{
	port = p;
	baud = b;
	flow = f;
}

static void parse_bytes(const void *text, size_t length)
{
	static const struct config_events events = {say, serial};

	free(c);
	c = malloc(sizeof *c);
	memset(c, 0xa5, sizeof *c);
	said[0] = 0;
	port = baud = flow = 99;
	config_start(c, &events);
	memcpy(c->text, text, length);
	config_parse(c, length);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text));
}

static const struct config_label *label(const char *name)
{
	return config_find(c, name, strlen(name));
}

static void test_keywords_end_at_blanks_and_ignore_case(void **state)
{
	(void)state;
	parse("dEfAuLt\tx\nLABEL x\n\v kernel\x7f k\nAPPENDIX no\nAPPEND\x01yes\nkernel2 no\n");
	assert_string_equal(c->default_command, "x");
	assert_string_equal(label("x")->kernel, "k");
	assert_string_equal(label("x")->append, "yes");
}

static void test_values_run_to_the_end_of_line(void **state)
{
	(void)state;
	parse("LABEL a b c\nAPPEND x  y # z \nINITRD i,j \n");
	assert_string_equal(label("a")->append, "x  y # z ");
	assert_string_equal(label("a")->initrd, "i,j ");
	assert_string_equal(label("a")->kernel, "a");
	assert_null(label("a b c"));
}

static void test_line_ends_at_carriage_return(void **state)
{
	(void)state;
	parse("DEFAULT one\rtwo\r\nLABEL one\r\nKERNEL k\r\n");
	assert_string_equal(c->default_command, "one");
	assert_string_equal(label("one")->kernel, "k");
}

static void test_a_last_line_without_end_counts(void **state)
{
	(void)state;
	parse("LABEL a\nKERNEL k");
	assert_string_equal(label("a")->kernel, "k");
}

static void test_scopes(void **state)
{
	(void)state;
	parse("KERNEL global\nINITRD global\nAPPEND global\nSYSAPPEND 2\nLABEL a\nSYSAPPEND 1\n"
	      "LABEL b\nAPPEND\nDEFAULT b\nTIMEOUT 5\n");
	assert_string_equal(c->append, "global");
	assert_string_equal(label("a")->kernel, "a");
	assert_null(label("a")->append);
	assert_null(label("a")->initrd);
	assert_int_equal(label("a")->sysappend, 1);
	assert_int_equal(label("b")->sysappend, 2);
	assert_string_equal(label("b")->append, "");
	assert_string_equal(c->default_command, "b");
	assert_int_equal(c->timeout, 5);
}

static void test_global_sysappend_counts_from_where_it_stands(void **state)
{
	(void)state;
	parse("LABEL a\nLABEL b\nSYSAPPEND 3\nLABEL c\n");
	assert_int_equal(label("a")->sysappend, 0);
	assert_int_equal(label("b")->sysappend, 3);
	assert_int_equal(label("c")->sysappend, 0);
}

static void test_the_first_label_and_the_last_value_win(void **state)
{
	(void)state;
	parse("LABEL a\nKERNEL one\nLINUX two.c32\nAPPEND p\nAPPEND q\nLABEL a\nKERNEL three\n"
	      "DEFAULT x\nDEFAULT y\n");
	assert_string_equal(label("a")->kernel, "two.c32");
	assert_int_equal(label("a")->image, IMAGE_LINUX);
	assert_string_equal(label("a")->append, "q");
	assert_string_equal(c->default_command, "y");
	assert_int_equal(c->label_count, 2);
}

static void test_labels_are_case_sensitive(void **state)
{
	(void)state;
	parse("LABEL Linux\nKERNEL k\n");
	assert_non_null(label("Linux"));
	assert_null(label("linux"));
	assert_null(label("Linu"));
	assert_null(label("Linuxx"));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
	} cases[] = {
		{"3", 3}, {"0x3", 3}, {"0X1f", 31}, {"010", 8}, {"50 # five seconds", 50}, {"7up", 7},
		{"0", 0}, {"", 0}, {"x", 0}, {"08", 0}, {"99999999999", 999999999},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[64];

		snprintf(text, sizeof text, "TIMEOUT %s\n", cases[i].text);
		parse(text);
		if (i + 1 < COUNT(cases))
			assert_int_equal(c->timeout, cases[i].value);
	}
}

static void test_help_texts_are_consumed(void **state)
{
	(void)state;
	parse("LABEL a\nTEXT HELP\nKERNEL no\nendtexts\n\tLABEL no\n  EndText ignored\nKERNEL yes\n"
	      "TEXT\nLABEL no\nENDTEXT\nLABEL b\nTEXT HELP\nLABEL no\n");
	assert_int_equal(c->label_count, 2);
	assert_string_equal(label("a")->kernel, "yes");
	assert_non_null(label("b"));
}

static void test_what_is_not_known_is_ignored(void **state)
{
	(void)state;
	parse("# LABEL no\nUI menu.c32\nMENU TITLE LABEL\nMENU DEFAULT x\nLABEL a\n MENU LABEL ^A\n"
	      " LOCALBOOT 0\n F1 help.txt\n \n\n");
	assert_int_equal(c->label_count, 1);
	assert_null(c->default_command);
}

static void test_empty_default_is_none(void **state)
{
	(void)state;
	parse("DEFAULT x\nDEFAULT \n");
	assert_null(c->default_command);
}

static void test_say_and_serial_act_at_once(void **state)
{
	(void)state;
	parse("SERIAL 0\nSAY Hello,  world \nSAY\nLABEL x\nSAY in a label\n");
	assert_string_equal(said, "Hello,  world ||in a label|");
	assert_int_equal(port, 0);
	assert_int_equal(baud, 9600);
	assert_int_equal(flow, 0);
	parse("SERIAL 0x2f8 115200 0x003\n");
	assert_int_equal(port, 0x2f8);
	assert_int_equal(baud, 115200);
	assert_int_equal(flow, 3);
}

// pxelinux reads 4095 characters at a time.
static void test_long_lines_are_split(void **state)
{
	static char text[3 * 4096];
	size_t length;

	(void)state;
	strcpy(text, "LABEL a\nAPPEND ");
	length = strlen(text);
	memset(text + length, 'x', 4095 - strlen("APPEND "));
	length += 4095 - strlen("APPEND ");
	strcpy(text + length, "KERNEL k\nLABEL b\n");
	parse(text);
	assert_int_equal(strlen(label("a")->append), 4095 - strlen("APPEND "));
	assert_string_equal(label("a")->kernel, "k");
	assert_non_null(label("b"));
}

static void test_the_largest_text_of_one_line(void **state)
{
	char *text = malloc(CONFIG_TEXT);

	(void)state;
	memset(text, 'x', CONFIG_TEXT);
	parse_bytes(text, CONFIG_TEXT);
	assert_int_equal(c->label_count, 0);
	memset(text, '\n', CONFIG_TEXT);
	parse_bytes(text, CONFIG_TEXT);
	free(text);
}

static void test_too_many_labels_are_counted(void **state)
{
	char *text = malloc(CONFIG_TEXT), *at = text;

	(void)state;
	for (int i = 0; i < CONFIG_LABELS + 3; i++)
		at += sprintf(at, "LABEL l%d\nKERNEL k%d\n", i, i);
	parse(text);
	assert_int_equal(c->label_count, CONFIG_LABELS);
	assert_int_equal(c->dropped, 3);
	assert_string_equal(c->labels[CONFIG_LABELS - 1].kernel, "k127");
	assert_null(label("l129"));
	free(text);
}

static void test_binary_does_no_harm(void **state)
{
	uint8_t text[5000];
	uint32_t seed = 1;

	(void)state;
	parse_bytes("LABEL a\0b\nAPPEND x\0y\n\0LABEL c\n", 29);
	assert_int_equal(c->label_count, 1);
	assert_string_equal(label("a")->append, "x");
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = "LABEL append\n\r\t \0TEXT=x0"[seed >> 16 & 15] ^ (seed >> 28 ? 0 : seed >> 8);
		}
		parse_bytes(text, sizeof text - (size_t)round);
	}
}

static void test_every_truncation(void **state)
{
	const char *text = "SERIAL 0 9600\nDEFAULT a b\nLABEL a\nKERNEL k\nAPPEND x\nTEXT HELP\nt\nENDTEXT\n";

	(void)state;
	for (size_t length = 0; length <= strlen(text); length++)
		parse_bytes(text, length);
	assert_string_equal(label("a")->append, "x");
}

static int clean(void **state)
{
	(void)state;
	free(c);
	c = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keywords_end_at_blanks_and_ignore_case),
		cmocka_unit_test(test_values_run_to_the_end_of_line),
		cmocka_unit_test(test_line_ends_at_carriage_return),
		cmocka_unit_test(test_a_last_line_without_end_counts),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_global_sysappend_counts_from_where_it_stands),
		cmocka_unit_test(test_the_first_label_and_the_last_value_win),
		cmocka_unit_test(test_labels_are_case_sensitive),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_help_texts_are_consumed),
		cmocka_unit_test(test_what_is_not_known_is_ignored),
		cmocka_unit_test(test_empty_default_is_none),
		cmocka_unit_test(test_say_and_serial_act_at_once),
		cmocka_unit_test(test_long_lines_are_split),
		cmocka_unit_test(test_the_largest_text_of_one_line),
		cmocka_unit_test(test_too_many_labels_are_counted),
		cmocka_unit_test(test_binary_does_no_harm),
		cmocka_unit_test(test_every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
