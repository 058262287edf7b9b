// SPDX-License-Identifier: BSD-2-Clause
// The line that is typed (bootloader/prompt_edit.h): keys, history, and that the screen shows it.
#include "bootloader/platform.h"
#include "bootloader/prompt_edit.h"
#include "tests/unit/vectors.h"

static char screen[EDIT_COLUMNS + 1]; // what a terminal would show
static size_t at;

void platform_putc(char c)
{
	if (c == '\b') {
		assert_true(at > 0);
		at--;
	} else {
		assert_true(at < EDIT_COLUMNS);
		screen[at++] = c;
	}
}

static struct edit line_of(char *text, size_t size)
{
	text[0] = 0;
	return edit_of(text, size);
}

static void press(struct edit *e, const char *keys)
{
	for (; *keys; keys++)
		assert_true(edit_key(e, *keys));
}

static void test_keys(void **state)
{
	static const struct {
		const char *keys, *text;
		size_t cursor;
	} cases[] = {
		{"abc", "abc", 3}, {"abc\x02x", "abxc", 3}, {"abc\x01x", "xabc", 1}, {"abc\x01\x06\x04", "ac", 1},
		{"abc\b\x7f", "a", 1}, {"\b\x04\x02\x06\x0b\x15\x17", "", 0}, {"a b c\x17", "a b ", 4},
		{"a b  \x17\x17", "", 0}, {"one two\x02\x02\x17", "one wo", 4}, {"abc\x02\x0b", "ab", 2},
		{"abc\x02\x15" "d", "d", 1}, {"ab\x01\x05" "c", "abc", 3}, {"12345678901", "123456789", 9},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[10];
		struct edit e = line_of(text, sizeof text);

		press(&e, cases[i].keys);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(e.cursor, cases[i].cursor);
		assert_int_equal(e.length, strlen(text));
	}
}

static void test_keys_of_others(void **state)
{
	char text[10];
	struct edit e = line_of(text, sizeof text);

	(void)state;
	assert_false(edit_key(&e, '\r') || edit_key(&e, '\t') || edit_key(&e, KEY_UP) ||
		edit_key(&e, KEY_F1) || edit_key(&e, 27) || edit_key(&e, KEY_NONE) || edit_key(&e, 0xe4));
	assert_true(edit_key(&e, KEY_HOME) && edit_key(&e, KEY_END) && edit_key(&e, KEY_LEFT) &&
		edit_key(&e, KEY_RIGHT) && edit_key(&e, KEY_DELETE));
	assert_string_equal(text, "");
}

static void test_history(void **state)
{
	static struct edit_history h;
	char text[PROMPT_LINE], number[16];
	struct edit e = line_of(text, sizeof text);

	(void)state;
	edit_recall(&h, &e, true);
	assert_string_equal(text, "");
	for (int i = 0; i < 20; i++) {
		sprintf(number, "%d", i);
		edit_remember(&h, number);
		edit_remember(&h, "  ");
	}
	edit_recall(&h, &e, true);
	assert_string_equal(text, "19");
	for (int i = 0; i < 30; i++)
		edit_recall(&h, &e, true);
	assert_string_equal(text, "12");
	edit_recall(&h, &e, false);
	assert_string_equal(text, "13");
	for (int i = 0; i < 30; i++)
		edit_recall(&h, &e, false);
	assert_string_equal(text, "");
}

// After any keys the screen has the part of the line around the cursor, and the cursor is there.
static void test_the_view_follows(void **state)
{
	static const int keys[] = {'a', 'b', ' ', 'c', 'd', KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, 8,
		KEY_DELETE, 23, 11, 'x', 'y', 'z', 'x', 'y', KEY_LEFT};
	char text[300];
	struct edit e = line_of(text, sizeof text);
	struct edit_view v = {0};
	uint32_t seed = 7;

	(void)state;
	memset(screen, ' ', EDIT_COLUMNS);
	for (int i = 0; i < 20000; i++) {
		char expected[EDIT_COLUMNS + 1];
		size_t part;

		seed = seed * 1103515245 + 12345;
		edit_key(&e, keys[(seed >> 16) % COUNT(keys)]);
		if (seed >> 20 == 5)
			edit_set(&e, "a line from the history that is rather long, so that it does not fit "
				"on the screen as a whole");
		edit_show(&v, &e);
		assert_int_equal(at, e.cursor - v.from);
		memset(expected, ' ', EDIT_COLUMNS);
		part = e.length - v.from < EDIT_COLUMNS ? e.length - v.from : EDIT_COLUMNS;
		memcpy(expected, text + v.from, part);
		assert_memory_equal(screen, expected, EDIT_COLUMNS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_of_others),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_the_view_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
