// SPDX-License-Identifier: BSD-2-Clause
// server-stub/syslog_line.h: what our programs write comes back, others' messages are words, and nothing
// of a stranger's gets into the log but printable characters.
#include "server-stub/syslog_line.h"
#include "netstack/wire/syslog.h"
#include "tests/unit/vectors.h"

static bool read_text(struct syslog_line *l, const char *message)
{
	struct bytes room = exact_copy(message, strlen(message));
	bool read = syslog_line_read(l, room.at, room.length);

	free(room.block);
	return read;
}

static void what_we_write(void **state)
{
	const struct syslog_param params[] = {{"label", "a] mac=\"11:11:11:11:11:11\""}, {"mac", "52:54:00:12:34:56"}};
	char message[400];
	struct text t = text_of(message, sizeof message);
	struct syslog_line l;

	(void)state;
	syslog_write(&t, &(struct syslog_message){SYSLOG_LOCAL0, SYSLOG_ERROR, "192.168.2.50", "lanyard", NULL,
		"fault", params, COUNT(params), "LAN-201 no such file [x]"});
	assert_true(read_text(&l, message));
	assert_int_equal(l.severity, SYSLOG_ERROR);
	assert_true(l.lanyard);
	assert_string_equal(l.app, "lanyard");
	assert_string_equal(l.mac, "52:54:00:12:34:56");
	assert_string_equal(l.words, "LAN-201 no such file [x]");
	for (size_t length = 0; length < t.length; length++) { // cut anywhere
		struct bytes room = exact_copy(message, length);

		syslog_line_read(&l, room.at, length);
		free(room.block);
	}
}

static void others_messages(void **state)
{
	static const struct {
		const char *message, *app, *words; // NULL: none
		unsigned severity;
	} cases[] = {
		{"<13>Nov 22 10:00:00 ws1 cron: job\n", "", "Nov 22 10:00:00 ws1 cron: job", 5},
		{"<14>1 - - - - - - words  \n", "", "words", 6},
		{"<14>1 - - app 7 id [a b=\"c\"][d] \xef\xbb\xbfwords", "app", "words", 6},
		{"<14>1 - - app - - - a\tb\x1b[2Jc", "app", "a?b?[2Jc", 6},
		{"<14>1 - - a\x1b" "b - - [x mac=\"52:54:00:12:34:5\"] w", "a?b", "w", 6},
		{"<14>1 - - lanyardx - - - w", "lanyardx", "w", 6},
		{"<191>x", "", "x", 7},
		{"<192>x", NULL, NULL, 0},
		{"<>x", NULL, NULL, 0},
		{"<-1>x", NULL, NULL, 0},
		{"<0013>x", NULL, NULL, 0},
		{"<13", NULL, NULL, 0},
		{"13>x", NULL, NULL, 0},
		{"<13>  \n", NULL, NULL, 0},
		{"<14>1 - - - - - -", NULL, NULL, 0},
		{"<14>1 - - - - - [", NULL, NULL, 0},
		{"<14>1 - - - - - [a b=\"\\", NULL, NULL, 0},
		{"", NULL, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct syslog_line l;

		assert_int_equal(read_text(&l, cases[i].message), cases[i].words != NULL);
		assert_false(l.lanyard);
		assert_string_equal(l.mac, "");
		if (!cases[i].words)
			continue;
		assert_string_equal(l.words, cases[i].words);
		assert_string_equal(l.app, cases[i].app);
		assert_int_equal(l.severity, cases[i].severity);
	}
}

static void long_ones_are_cut(void **state)
{
	char message[3000] = "<14>";
	struct syslog_line l;

	(void)state;
	memset(message + 4, 'x', sizeof message - 5);
	assert_true(read_text(&l, message));
	assert_int_equal(strlen(l.words), SYSLOG_LINE_WORDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_we_write),
		cmocka_unit_test(others_messages),
		cmocka_unit_test(long_ones_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
