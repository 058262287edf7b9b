// SPDX-License-Identifier: BSD-2-Clause
// initramfs/httpdate.h: the Date field of an answer, and what is no date.
#include "initramfs/httpdate.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"

static bool read_text(const char *text, uint64_t *seconds)
{
	struct bytes b = exact_copy(text, strlen(text));
	bool good = httpdate_read((const char *)b.at, b.length, seconds);

	exact_free(&b);
	return good;
}

static void reads_dates(void **state)
{
	static const struct {
		const char *date;
		uint64_t seconds;
	} dates[] = {
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
		{"Wed, 01 Mar 2000 00:00:00 GMT", 951868800},
		{"Sun, 22 Nov 2026 21:42:24 GMT", 1795383744},
		{"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
		{"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		char head[200];
		struct text t = text_of(head, sizeof head);
		uint64_t seconds = 1;

		text_format(&t, "HTTP/1.1 404 Not Found\r\nServer: x\r\ndate:  %s\r\n\r\n", dates[i].date);
		assert_true(read_text(head, &seconds));
		assert_int_equal(seconds, dates[i].seconds);
	}
}

static void believes_nothing_else(void **state)
{
	static const char *const heads[] = {"", "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
		"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nDate:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GM", "HTTP/1.1 200 OK\r\nDat",
		"HTTP/1.1 200 OK\r\nX-Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
		"HTTP/1.1 200 OK\nDate: Sunday, 06-Nov-94 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 08:49:37 CET\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 24:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 08:60:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 00 Nov 1994 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 32 Nov 1994 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nix 1994 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1969 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov -994 08:49:37 GMT\n",
		"HTTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 08-49-37 GMT\n",
		"FTP/1.1 200 OK\nDate: Sun, 06 Nov 1994 08:49:37 GMT\n"};
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++)
		if (read_text(heads[i], &seconds))
			fail_msg("'%s' was believed", heads[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(believes_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
