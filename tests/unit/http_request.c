// SPDX-License-Identifier: BSD-2-Clause
// server-stub/http_request.h against the examples and rules of RFC 9110.
#include "server-stub/http_request.h"
#include "tests/unit/vectors.h"

static void decodes_paths(void **state)
{
	static const struct {
		const char *target, *path; // NULL: refused
	} cases[] = {
		{"/vmlinuz", "/vmlinuz"},
		{"/a%20b%2fc%2E", "/a b/c."},
		{"/a+b", "/a+b"},
		{"http://192.168.2.2/boot/x", "/boot/x"},
		{"HTTP://server:8080/x", "/x"},
		{"http://server", ""},
		{"*", "*"},
		{"/%c3%bc", "/\xc3\xbc"},
		{"/%25", "/%"},
		{"/%2525", "/%25"},
		{"/%00", NULL},
		{"/a%00b", NULL},
		{"/%", NULL},
		{"/%4", NULL},
		{"/%4g", NULL},
		{"/%g4", NULL},
		{"/%-1", NULL},
	};
	char path[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(http_path(cases[i].target, path, sizeof path), cases[i].path != NULL);
		if (cases[i].path)
			assert_string_equal(path, cases[i].path);
	}
	assert_true(http_path("/012345678901234567890123456789", path, sizeof path));
	assert_false(http_path("/0123456789012345678901234567890", path, sizeof path));
}

static void reads_ranges(void **state)
{
	static const struct {
		const char *field;
		uint64_t size;
		enum http_range range;
		uint64_t first, length;
	} cases[] = {
		{"bytes=0-499", 10000, HTTP_RANGE_PART, 0, 500},
		{"bytes=500-999", 10000, HTTP_RANGE_PART, 500, 500},
		{"bytes=-500", 10000, HTTP_RANGE_PART, 9500, 500},
		{"bytes=9500-", 10000, HTTP_RANGE_PART, 9500, 500},
		{"bytes=0-0", 10000, HTTP_RANGE_PART, 0, 1},
		{"bytes=-1", 10000, HTTP_RANGE_PART, 9999, 1},
		{"bytes=-20000", 10000, HTTP_RANGE_PART, 0, 10000},
		{"bytes=9999-20000", 10000, HTTP_RANGE_PART, 9999, 1},
		{"Bytes= 1-2 ", 10000, HTTP_RANGE_PART, 1, 2},
		{"bytes=5000000000-", 6000000000, HTTP_RANGE_PART, 5000000000, 1000000000},
		{"bytes=0-18446744073709551615", 7, HTTP_RANGE_PART, 0, 7},
		{"bytes=0-99999999999999999999999", 7, HTTP_RANGE_PART, 0, 7},
		{"bytes=10000-", 10000, HTTP_RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=18446744073709551615-", 10000, HTTP_RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=-0", 10000, HTTP_RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=0-", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=-5", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0},
		{NULL, 10000, HTTP_RANGE_NONE, 0, 0},
		{"", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=-", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=5", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=5-4", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=0-1,5-6", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=0-1x", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=--1", 10000, HTTP_RANGE_NONE, 0, 0},
		{"bytes=+1-2", 10000, HTTP_RANGE_NONE, 0, 0},
		{"lines=0-1", 10000, HTTP_RANGE_NONE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t first = 0, length = 0;

		if (http_range(cases[i].field, cases[i].size, &first, &length) != cases[i].range)
			fail_msg("'%s'", cases[i].field);
		if (cases[i].range != HTTP_RANGE_PART)
			continue;
		assert_true(first == cases[i].first);
		assert_true(length == cases[i].length);
	}
}

static void finds_tags(void **state)
{
	(void)state;
	assert_true(http_tag_listed("\"a\"", "\"a\""));
	assert_true(http_tag_listed("W/\"a\"", "\"a\""));
	assert_true(http_tag_listed("\"x\", \"y,z\" ,W/\"a\"", "\"a\""));
	assert_true(http_tag_listed("*", "\"a\""));
	assert_false(http_tag_listed("\"ab\"", "\"a\""));
	assert_false(http_tag_listed("a", "\"a\""));
	assert_false(http_tag_listed("", "\"a\""));
	assert_false(http_tag_listed("\"", "\"a\""));
	assert_false(http_tag_listed("\"x,\"a\"", "\"a\"")); // inside of another tag's quotes
	assert_false(http_tag_listed(",,, ,", "\"a\""));
}

static void dates_go_there_and_back(void **state)
{
	char text[HTTP_DATE];
	int64_t when;

	(void)state;
	http_date(784111777, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_true(http_date_read(text, &when));
	assert_int_equal(when, 784111777);
	http_date(5000000000, text);
	assert_true(http_date_read(text, &when));
	assert_true(when == 5000000000);
	assert_false(http_date_read("yesterday", &when));
	assert_false(http_date_read("Sun, 06 Nov 1994 08:49:37 GMT+1", &when));
	assert_false(http_date_read("", &when));
}

static void knows_types(void **state)
{
	(void)state;
	assert_string_equal(http_content_type("/lanyardx64.efi"), "application/efi");
	assert_string_equal(http_content_type("/BOOTX64.EFI"), "application/efi");
	assert_string_equal(http_content_type("/vmlinuz"), "application/octet-stream");
	assert_string_equal(http_content_type("/efi"), "application/octet-stream");
	assert_string_equal(http_content_type("/grub.cfg"), "text/plain; charset=utf-8");
	assert_string_equal(http_content_type(""), "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_paths),
		cmocka_unit_test(reads_ranges),
		cmocka_unit_test(finds_tags),
		cmocka_unit_test(dates_go_there_and_back),
		cmocka_unit_test(knows_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
