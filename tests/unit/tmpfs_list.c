// SPDX-License-Identifier: BSD-2-Clause
// initramfs/root/tmpfs_list.h: entries, their options, and sizes.
#include "initramfs/root/tmpfs_list.h"
#include "tests/unit/vectors.h"

// All entries as "PATH OPTIONS;".
static char out[2000];

static void read_all(const char *value)
{
	struct bytes exact = exact_copy(value, strlen(value) + 1);
	const char *list = (const char *)exact.at;
	struct text t = text_of(out, sizeof out);
	struct tmpfs_entry e;

	while (tmpfs_next(&list, &e))
		text_format(&t, "%s %s;", e.path[0] ? e.path : "wrong:", e.options);
	exact_free(&exact);
}

static void reads_entries(void **state)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{"/tmp,/var/tmp,/media", "/tmp mode=1777;/var/tmp mode=1777;/media mode=0755;"},
		{"/run/lock", "/run/lock mode=1777;"},
		{"/a:size=50%", "/a size=50%,mode=0755;"},
		{"/tmp:size=10m:mode=0700,/b", "/tmp size=10m,mode=0700;/b mode=0755;"},
		{"/a:mode=2775:nr_inodes=1000", "/a mode=2775,nr_inodes=1000;"},
		{"", ""},
		{",,/a,,", "/a mode=0755;"},
		{"/", "/ mode=0755;"},
		{"tmp,/b", "wrong: tmp;/b mode=0755;"},
		{"/a:size=", "wrong: size=;"},
		{"/a:size=0", "wrong: size=0;"},
		{"/a:size=101%", "wrong: size=101%;"},
		{"/a:size=1x,/b", "wrong: size=1x;/b mode=0755;"},
		{"/a:mode=8", "wrong: mode=8;"},
		{"/a:mode=17777", "wrong: mode=17777;"},
		{"/a:nr_inodes=x", "wrong: nr_inodes=x;"},
		{"/a:uid=0", "wrong: uid=0;"},
		{"/a:", "wrong: ;"},
		{"/a:size=1m:size=2m:mode=0755:nr_inodes=100000000:nr_inodes=1",
			"wrong: nr_inodes=1;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		read_all(cases[i].value);
		assert_string_equal(out, cases[i].expected);
	}
}

static void paths_have_a_bound(void **state)
{
	char value[TMPFS_PATH + 1];

	(void)state;
	memset(value, 'a', sizeof value);
	value[0] = '/';
	value[TMPFS_PATH] = 0;
	read_all(value);
	assert_starts(out, "wrong: /aaa");
	value[TMPFS_PATH - 1] = 0;
	read_all(value);
	assert_starts(out, "/aaa");
}

static void reads_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes; // 0: none
	} cases[] = {
		{"1", 1}, {"4096", 4096}, {"1k", 1024}, {"3M", 3 << 20}, {"2g", (uint64_t)2 << 30},
		{"50%", 500}, {"100%", 1000}, {"0%", 0}, {"101%", 0}, {"%", 0}, {"k", 0}, {"", 0}, {"-1", 0},
		{"1.5g", 0}, {"1t", 0}, {"18446744073709551615", 0}, {"9999999999999g", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes exact = exact_copy(cases[i].text, strlen(cases[i].text));
		uint64_t bytes = 0;
		bool good = tmpfs_size((const char *)exact.at, exact.length, 1000, &bytes);

		exact_free(&exact);
		if (good != (cases[i].bytes != 0))
			fail_msg("'%s'", cases[i].text);
		assert_true(!good || bytes == cases[i].bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_entries),
		cmocka_unit_test(paths_have_a_bound),
		cmocka_unit_test(reads_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
