// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/syslog.h: the form of RFC 5424, and what must not break it.
#include "netstack/wire/syslog.h"
#include "tests/unit/vectors.h"

static char buffer[1024];

static void assert_written(const struct syslog_message *m, const char *expected)
{
	struct text t = text_of(buffer, sizeof buffer);

	syslog_write(&t, m);
	assert_string_equal(buffer, expected);
	assert_false(t.cut);
	for (size_t size = 1; size <= strlen(expected); size++) { // whatever the room, it is not exceeded
		struct bytes room = exact_copy(buffer, size);

		t = text_of((char *)room.at, size);
		syslog_write(&t, m);
		assert_memory_equal(room.at, expected, size - 1);
		assert_int_equal(room.at[size - 1], 0);
		free(room.block);
	}
}

static void a_whole_message(void **state)
{
	const struct syslog_param params[] = {{"ms", "1234"}, {"bytes", ""}, {"file", "vmlinuz"}, {"x", NULL}};

	(void)state;
	assert_written(&(struct syslog_message){SYSLOG_LOCAL0, SYSLOG_INFO, "192.168.2.50", "lanyard", NULL,
			       "kernel", params, COUNT(params), "kernel is loaded"},
		"<134>1 - 192.168.2.50 lanyard - kernel [lanyard@32473 ms=\"1234\" file=\"vmlinuz\"] "
		"kernel is loaded");
}

static void nothing_is_known(void **state)
{
	(void)state;
	assert_written(&(struct syslog_message){SYSLOG_DAEMON, SYSLOG_ERROR, NULL, "", NULL, NULL, NULL, 0,
			       NULL},
		"<27>1 - - - - - - ");
}

static void strange_characters(void **state)
{
	const struct syslog_param params[] = {{"file", "a\"b\\c]d\ne\xe4"}};

	(void)state;
	assert_written(&(struct syslog_message){SYSLOG_LOCAL0, SYSLOG_NOTICE, "a b", "x\n", "p\x7f", "i\"d", params,
			       1, "line\nother\x1b[2J"},
		"<133>1 - a?b x? p? i\"d [lanyard@32473 file=\"a\\\"b\\\\c\\]d?e?\"] line?other?[2J");
}

static void long_fields_are_cut(void **state)
{
	char name[300], expected[600];

	(void)state;
	memset(name, 'n', sizeof name);
	name[299] = 0;
	snprintf(expected, sizeof expected, "<134>1 - %.255s %.48s %.128s %.32s - ", name, name, name, name);
	assert_written(&(struct syslog_message){SYSLOG_LOCAL0, SYSLOG_INFO, name, name, name, name, NULL, 0, NULL},
		expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_message),
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(strange_characters),
		cmocka_unit_test(long_fields_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
