// SPDX-License-Identifier: BSD-2-Clause
// The menu (bootloader/menu.h) without a screen: what keys lead to, and any keys on any menu.
// tests/host/test_menu.py looks at the page.
#include "bootloader/menu.h"
#include "bootloader/platform.h"
#include "tests/unit/config_text.h"
#include "tests/unit/vectors.h"

static struct config config;
static struct menu menu;
static struct screen page;
static const struct plan_sysappend sysappend;

void platform_putc(char c)
{
	(void)c;
}

void platform_goto(unsigned row, unsigned column)
{
	assert_in_range(row, 0, 23);
	assert_in_range(column, 0, 79);
}

void platform_colour(uint8_t colour)
{
	(void)colour;
}

void platform_clear(void)
{
}

static void start(const char *text)
{
	read_config(&config, text);
	menu_start(&menu, &config, &sysappend);
}

static const char *chosen(void)
{
	return menu.chosen == CONFIG_NONE ? "none" : config.labels[menu.chosen].name;
}

static enum menu_event type(const char *keys)
{
	enum menu_event event = MENU_GOES_ON;

	while (*keys)
		event = menu_key(&menu, *keys++);
	return event;
}

static void test_moving(void **state)
{
	(void)state;
	start("LABEL head\nMENU DISABLE\nLABEL a\nMENU SEPARATOR\nLABEL b\nLABEL tail\nMENU DISABLE\n");
	assert_string_equal(chosen(), "a");
	menu_key(&menu, KEY_UP);
	assert_string_equal(chosen(), "a");
	menu_key(&menu, KEY_DOWN);
	assert_string_equal(chosen(), "b");
	menu_key(&menu, KEY_DOWN);
	assert_string_equal(chosen(), "b");
	menu_key(&menu, KEY_HOME);
	assert_string_equal(chosen(), "a");
	menu_key(&menu, KEY_END);
	assert_string_equal(chosen(), "b");
	menu_key(&menu, KEY_PAGE_UP);
	assert_string_equal(chosen(), "a");
	menu_key(&menu, KEY_PAGE_DOWN);
	assert_string_equal(chosen(), "b");
	assert_int_equal(type("\r"), MENU_BOOT);
}

static void test_nothing_to_choose(void **state)
{
	(void)state;
	start("LABEL a\nMENU DISABLE\nMENU SEPARATOR\nLABEL b\nMENU HIDE\n");
	assert_false(menu_has_entries(&menu));
	assert_int_equal(type("\r\t\x1b" "a"), MENU_GOES_ON);
	menu_key(&menu, KEY_DOWN);
	menu_draw(&menu, &page);
	start("");
	assert_int_equal(type("\r"), MENU_GOES_ON);
	menu_draw(&menu, &page);
}

static void test_hot_keys(void **state)
{
	(void)state;
	start("LABEL a\nMENU LABEL x^Y\nLABEL b\nMENU LABEL ^y second\nLABEL c\nMENU LABEL ^1\nMENU IMMEDIATE\n"
	      "LABEL d\nMENU LABEL end^\n");
	assert_int_equal(type("y"), MENU_GOES_ON);
	assert_string_equal(chosen(), "a");
	assert_int_equal(type("1"), MENU_BOOT);
	assert_string_equal(chosen(), "c");
	assert_int_equal(type("q"), MENU_GOES_ON);
}

static void test_targets(void **state)
{
	(void)state;
	start("LABEL g\nMENU GOTO s\nMENU BEGIN s\nLABEL in\nLABEL q\nMENU QUIT\nLABEL h\nMENU HELP f.txt\nMENU END\n");
	assert_int_equal(type("\r"), MENU_GOES_ON);
	assert_string_equal(chosen(), "in");
	menu_key(&menu, KEY_DOWN);
	assert_int_equal(type("\r"), MENU_PROMPT);
	menu_key(&menu, KEY_END);
	assert_int_equal(type("\r"), MENU_FILE);
	assert_string_equal(menu.file, "f.txt");
	assert_int_equal(type("\x1b"), MENU_GOES_ON);
	assert_string_equal(chosen(), "g");
	assert_int_equal(type("\x1b"), MENU_PROMPT);
}

static void test_menus_in_menus(void **state)
{
	(void)state;
	start("LABEL a\nMENU BEGIN one\nLABEL b\nMENU BEGIN two\nLABEL c\nLABEL x\nMENU EXIT\nMENU END\nMENU END\n");
	menu_key(&menu, KEY_DOWN);
	assert_int_equal(type("\r"), MENU_GOES_ON);
	assert_string_equal(chosen(), "b");
	menu_key(&menu, KEY_DOWN);
	menu_key(&menu, KEY_RIGHT);
	assert_string_equal(chosen(), "c");
	menu_key(&menu, KEY_DOWN);
	assert_int_equal(type("\r"), MENU_GOES_ON);
	assert_int_equal(menu.number, 1);
	menu_key(&menu, KEY_LEFT);
	assert_int_equal(menu.number, 0);
	menu_key(&menu, KEY_LEFT);
	assert_int_equal(menu.number, 0);
}

static void test_locks(void **state)
{
	(void)state;
	start("ALLOWOPTIONS 0\nLABEL a\nMENU PASSWD\nLABEL b\nMENU PASSWD p\n");
	assert_int_equal(type("\r\r"), MENU_GOES_ON); // an empty password opens nothing
	assert_non_null(menu.message);
	assert_int_equal(type("\t"), MENU_GOES_ON);
	assert_int_equal(menu.mode, MENU_LIST);
	assert_int_equal(type("\x1b"), MENU_GOES_ON);
	assert_int_equal(menu.mode, MENU_LIST);
	menu_key(&menu, KEY_DOWN);
	assert_int_equal(type("\rp\r"), MENU_BOOT);
	start("MENU MASTER PASSWD m\nLABEL a\nMENU PASSWD\n");
	assert_int_equal(type("\rm\r"), MENU_BOOT);
	assert_int_equal(type("\t"), MENU_GOES_ON);
	assert_int_equal(menu.mode, MENU_PASSWORD);
	assert_int_equal(type("m\r"), MENU_GOES_ON);
	assert_int_equal(menu.mode, MENU_EDIT);
	assert_string_equal(menu.line, "a");
	assert_int_equal(type(" x\r"), MENU_BOOT);
	assert_string_equal(menu.line, "a x");
	start("NOESCAPE 1\nLABEL a\n");
	assert_int_equal(type("\x1b"), MENU_GOES_ON);
}

static void test_hidden_keys(void **state)
{
	static const struct {
		int key;
		const char *command;
	} cases[] = {
		{'a', "one"}, {'A', NULL}, {2, "one"}, {KEY_F1 + 11, "one"}, {',', "comma"}, {' ', "two"},
		{KEY_UP, "two"}, {'\r', "two"}, {KEY_F1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		start("MENU HIDDEN\nMENU HIDDENKEY a,^B,f12 one\nMENU HIDDENKEY Space,up,ENTER two\n"
		      "MENU HIDDENKEY , comma\nLABEL l\n");
		assert_int_equal(menu_key(&menu, cases[i].key),
			cases[i].command ? MENU_COMMAND : MENU_GOES_ON);
		if (cases[i].command)
			assert_string_equal(menu.command, cases[i].command);
		assert_int_equal(menu.mode, MENU_LIST);
	}
}

// Any keys; the bar stands on an entry of the menu that is shown, and the page can be drawn.
static void test_any_keys(void **state)
{
	static const int keys[] = {
		KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN,
		KEY_DELETE, '\r', '\t', 27, 'a', 'b', '^', 'z', 127, 1, 5, KEY_F1,
	};
	static char text[32768];
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 40; i++)
		sprintf(text + strlen(text), "LABEL l%d\nMENU LABEL ^%c entry %d {a,b} ^\nAPPEND %0200d\n"
			"TEXT HELP\n one\r\n two\n\n\n\n\nENDTEXT\nMENU INDENT %d\n%s%s", i, 'a' + i % 26, i, i, i * 2,
			i % 7 == 3 ? "MENU DISABLE\n" : "", i % 10 == 4 ? "MENU BEGIN s\nMENU TITLE ^S\n" : "");
	start(text);
	for (int i = 0; i < 4000; i++) {
		seed = seed * 1103515245 + 12345;
		menu_key(&menu, keys[(seed >> 16) % COUNT(keys)]);
		assert_true(menu.chosen != CONFIG_NONE && menu.chosen < config.label_count);
		assert_int_equal(config.labels[menu.chosen].menu, menu.number);
		assert_false(config.labels[menu.chosen].disabled);
		menu.seconds = seed % 5;
		menu_draw(&menu, &page);
		screen_show(&page);
		assert_memory_equal(&page.wanted, &page.shown, sizeof page.shown);
	}
}

static void test_countdown_texts(void **state)
{
	static const struct {
		const char *message;
		unsigned seconds;
		const char *shown;
	} cases[] = {
		{NULL, 1, "Automatic boot in 1 second..."}, {NULL, 2, "Automatic boot in 2 seconds..."},
		{"{one,two,many} #", 2, "two 2"}, {"{one,two,many} #", 9, "many 9"}, {"a{b", 5, "ab"},
		{"{", 1, ""}, {"{}", 1, ""}, {"{,,}x", 3, "x"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char row[SCREEN_COLUMNS + 1] = "", *end;

		start("LABEL a\n");
		config.menus[0].messages[MESSAGE_AUTOBOOT] = cases[i].message;
		menu.seconds = cases[i].seconds;
		menu_draw(&menu, &page);
		memcpy(row, page.wanted.text[22], SCREEN_COLUMNS);
		for (end = row + SCREEN_COLUMNS; end > row && end[-1] == ' '; end--)
			end[-1] = 0;
		assert_string_equal(row + strspn(row, " "), cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_nothing_to_choose),
		cmocka_unit_test(test_hot_keys),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_menus_in_menus),
		cmocka_unit_test(test_locks),
		cmocka_unit_test(test_hidden_keys),
		cmocka_unit_test(test_any_keys),
		cmocka_unit_test(test_countdown_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
