// SPDX-License-Identifier: BSD-2-Clause
// bootloader/serial_keys.h: what terminals send, whole, cut by time, and unknown.
#include "bootloader/serial_keys.h"
#include "tests/unit/vectors.h"

enum { KEYS_MAX = 16 };

// Feeds the text at one moment and then lets time pass; gives the keys.
static size_t keys_of(const char *text, int *keys)
{
	struct serial_keys k = {0};
	size_t count = 0;
	int key;

	for (; *text; text++) {
		key = serial_keys_byte(&k, (uint8_t)*text, 1000);
		if (key != KEY_NONE)
			keys[count++] = key;
	}
	assert_int_equal(serial_keys_time(&k, 1000 + SERIAL_KEYS_WAIT - 1), KEY_NONE);
	key = serial_keys_time(&k, 1000 + SERIAL_KEYS_WAIT);
	if (key != KEY_NONE)
		keys[count++] = key;
	assert_int_equal(serial_keys_time(&k, 5000), KEY_NONE);
	return count;
}

static void knows_the_keys_of_terminals(void **state)
{
	static const struct {
		const char *bytes;
		int key;
	} cases[] = {
		{"a", 'a'}, {"\r", '\r'}, {"\n", '\r'}, {"\b", '\b'}, {"\x7f", '\b'}, {"\t", '\t'},
		{"\x03", 3}, {"\x1b", 27},
		{"\x1b[A", KEY_UP}, {"\x1b[B", KEY_DOWN}, {"\x1b[C", KEY_RIGHT}, {"\x1b[D", KEY_LEFT},
		{"\x1bOA", KEY_UP}, {"\x1bOD", KEY_LEFT}, {"\x1b[1;5A", KEY_UP},
		{"\x1b[H", KEY_HOME}, {"\x1b[F", KEY_END}, {"\x1bOH", KEY_HOME}, {"\x1bOF", KEY_END},
		{"\x1b[1~", KEY_HOME}, {"\x1b[4~", KEY_END}, {"\x1b[7~", KEY_HOME}, {"\x1b[8~", KEY_END},
		{"\x1b[2~", KEY_INSERT}, {"\x1b[3~", KEY_DELETE}, {"\x1b[5~", KEY_PAGE_UP},
		{"\x1b[6~", KEY_PAGE_DOWN}, {"\x1b[3;5~", KEY_DELETE},
		{"\x1bOP", KEY_F1}, {"\x1bOS", KEY_F1 + 3}, {"\x1b[[A", KEY_F1}, {"\x1b[[E", KEY_F1 + 4},
		{"\x1b[11~", KEY_F1}, {"\x1b[15~", KEY_F1 + 4}, {"\x1b[17~", KEY_F1 + 5},
		{"\x1b[21~", KEY_F1 + 9}, {"\x1b[23~", KEY_F1 + 10}, {"\x1b[24~", KEY_F12},
		{"\x1b" "b", 'b'}, // Alt-b
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int keys[KEYS_MAX];

		assert_int_equal(keys_of(cases[i].bytes, keys), 1);
		assert_int_equal(keys[0], cases[i].key);
	}
}

static void swallows_the_unknown(void **state)
{
	static const char *const unknown[] = {
		"\x1b[", "\x1bO", "\x1b[12", "\x1b[9~", "\x1b[16~", "\x1b[22~", "\x1b[99~",
		"\x1b[99999999999~", "\x1b[?6c", "\x1b[24;80R", "\x1b[Z", "\x1bOx", "\x1b[[Z", "\x80",
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(unknown); i++) {
		int keys[KEYS_MAX];

		assert_int_equal(keys_of(unknown[i], keys), 0);
	}
}

static void sequences_follow_each_other(void **state)
{
	int keys[KEYS_MAX];

	(void)state;
	assert_int_equal(keys_of("x\x1b[A\x1b[A\x1b\x1b[By", keys), 6);
	assert_int_equal(keys[0], 'x');
	assert_int_equal(keys[1], KEY_UP);
	assert_int_equal(keys[2], KEY_UP);
	assert_int_equal(keys[3], 27); // ESC, then an arrow
	assert_int_equal(keys[4], KEY_DOWN);
	assert_int_equal(keys[5], 'y');
	assert_int_equal(keys_of("\x1b[A\x1b", keys), 2);
	assert_int_equal(keys[1], 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_keys_of_terminals),
		cmocka_unit_test(swallows_the_unknown),
		cmocka_unit_test(sequences_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
