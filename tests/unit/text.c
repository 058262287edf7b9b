// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/text.h: the builder against the C library's printf, the parsers at their limits.
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"

#include <inttypes.h>

// Formats with both, compares, and checks that the builder neither cut nor wrote too far.
#define SAME(...)                                                                                  \
	do {                                                                                       \
		char expected[200], got[200];                                                      \
		struct text t = text_of(got, sizeof got);                                          \
		snprintf(expected, sizeof expected, __VA_ARGS__);                                  \
		text_format(&t, __VA_ARGS__);                                                      \
		assert_string_equal(got, expected);                                                \
		assert_int_equal(t.length, strlen(expected));                                      \
		assert_false(t.cut);                                                               \
	} while (0)

static void formats_as_printf_does(void **state)
{
	(void)state;
	SAME("plain %% text");
	SAME("%s|%10s|%-10s|%.2s|%5.1s|", "word", "word", "word", "word", "word");
	SAME("[%s][%.0s][%3s][%.3s]", "", "word", "", "ab");
	SAME("%9d|%-9u|%019llx", 1, 2u, 3ull);
	SAME("%c%c", 'a', 'b');
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%d", INT32_MIN);
	SAME("%u %x %X", 4294967295u, 0xdeadbeefu, 0xdeadbeefu);
	SAME("%5d|%-5d|%05d", 42, 42, 42);
	SAME("%5d|%-5d|%06d|%02d", -42, -42, -42, -42);
	SAME("%02x:%08X", 7, 0xabcu);
	SAME("%lu %ld", 0x123456789ul, -5l);
	SAME("%u %d", 0u, 0);
	SAME("%llu %lld", 18446744073709551615ull, -9223372036854775807ll - 1);
	SAME("%llx", 0x123456789abcdef0ull);
	SAME("%zu %zx", (size_t)99, SIZE_MAX);
}

static void prints_unknown_conversions_as_they_stand(void **state)
{
	char got[40];
	struct text t = text_of(got, sizeof got);
	const char *format = "a %q b %5"; // a variable, since the compiler would object

	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	text_format(&t, format);
#pragma GCC diagnostic pop
	assert_string_equal(got, "a %q b %5");
}

static void names_a_null_string(void **state)
{
	char got[40];
	struct text t = text_of(got, sizeof got);
	const char *volatile nothing = NULL;

	(void)state;
	text_format(&t, "%s", nothing);
	assert_string_equal(got, "(none)");
}

// Every size of buffer: the text is cut there, ends in NUL and says so.
static void cuts_at_the_buffer(void **state)
{
	const char *whole = "number 12345 and word";

	(void)state;
	for (size_t size = 0; size <= strlen(whole) + 1; size++) {
		struct bytes b = exact_copy("01234567890123456789012345", size);
		struct text t = text_of((char *)b.at, b.length);

		text_format(&t, "number %u and %s", 12345u, "word");
		assert_int_equal(t.cut, size < strlen(whole) + 1);
		if (size) {
			assert_int_equal(t.length, size - 1);
			assert_memory_equal(b.at, whole, size - 1);
			assert_int_equal(b.at[size - 1], 0);
		}
		exact_free(&b);
	}
}

static void foreign_text_is_made_harmless(void **state)
{
	struct bytes b = exact_copy("ok\x1b[31m\n\x80\xff\x7f~", 13);
	char got[40];
	struct text t = text_of(got, sizeof got);

	(void)state;
	text_foreign(&t, b.at, b.length);
	assert_string_equal(got, "ok?[31m????~");
	t = text_of(got, sizeof got);
	text_foreign(&t, "ab\0cd", 5);
	assert_string_equal(got, "ab");
	t = text_of(got, sizeof got);
	text_foreign(&t, "a cd", 3);
	assert_string_equal(got, "a c");
	exact_free(&b);
}

static void hardware_addresses(void **state)
{
	char got[40];
	struct text t = text_of(got, sizeof got);

	(void)state;
	text_hwaddr(&t, (const uint8_t *)"\x52\x54\x00\x12\xab\xff", 6, ':');
	assert_string_equal(got, "52:54:00:12:ab:ff");
	t = text_of(got, sizeof got);
	text_hwaddr(&t, (const uint8_t *)"\x01", 1, '-');
	assert_string_equal(got, "01");
}

static void compares_words(void **state)
{
	(void)state;
	assert_true(text_same("DHCP", "dhcp"));
	assert_false(text_same("dhcp", "dhcp6"));
	assert_false(text_same("dhcp6", "dhcp"));
	assert_true(text_same("", ""));
	assert_true(text_same("AaZz", "aAzZ"));
	assert_false(text_same("[", "{")); // 0x20 apart, but no letters
	assert_true(text_is("onward", 2, "ON"));
	assert_false(text_is("onward", 3, "on"));
	assert_false(text_is("on", 1, "on"));
	assert_false(text_is("onn", 3, "on"));
	assert_true(text_is("x", 0, ""));
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("a", "ab"));
	assert_false(text_starts("ABC", "ab"));
}

static void takes_fields_off(void **state)
{
	static const char value[] = "a::bc:";
	static const char *const fields[] = {"a", "", "bc", "", ""};
	struct text_view rest = {value, 6};

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct text_view field = text_field(&rest, ':');

		assert_int_equal(field.length, strlen(fields[i]));
		assert_memory_equal(field.at, fields[i], field.length);
	}
	assert_int_equal(rest.length, 0);
}

static void parses_numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		bool good;
		uint64_t value;
	} cases[] = {
		{"0", 10, true, 0},
		{"007", 10, true, 7},
		{"18446744073709551615", 10, true, UINT64_MAX},
		{"18446744073709551616", 10, false, 0},
		{"18446744073709551620", 10, false, 0},
		{"99999999999999999999", 10, false, 0},
		{"ffffffffffffffff", 16, true, UINT64_MAX},
		{"10000000000000000", 16, false, 0},
		{"aF", 16, true, 0xaf},
		{"1a", 10, false, 0},
		{"8", 8, false, 0},
		{"", 10, false, 0},
		{"-1", 10, false, 0},
		{"+1", 10, false, 0},
		{" 1", 10, false, 0},
		{"1 ", 10, false, 0},
		{"0x1", 16, false, 0},
		{"1g", 16, false, 0},
		{"f", 16, true, 15},
		{"g", 16, false, 0},
		{"`", 16, false, 0}, // before 'a'
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = exact_copy(cases[i].text, strlen(cases[i].text));
		uint64_t value = 4711;
		uint32_t small = 4711;
		bool fits = cases[i].good && cases[i].value <= UINT32_MAX;

		assert_int_equal(
			text_u64((const char *)b.at, b.length, cases[i].base, &value), cases[i].good);
		assert_true(value == (cases[i].good ? cases[i].value : 4711));
		assert_int_equal(text_u32((const char *)b.at, b.length, cases[i].base, &small), fits);
		assert_true(small == (fits ? cases[i].value : 4711));
		exact_free(&b);
	}
}

static void parses_32_bit_limit(void **state)
{
	uint32_t value;

	(void)state;
	assert_true(text_u32("4294967295", 10, 10, &value));
	assert_true(value == UINT32_MAX);
	assert_false(text_u32("4294967296", 10, 10, &value));
}

static void parses_numbers_of_any_base(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint32_t value;
	} cases[] = {{"0", true, 0}, {"10", true, 10}, {"010", true, 8}, {"0x10", true, 16}, {"0x1", true, 1}, {"9", true, 9},
		{"0XfF", true, 255}, {"08", false, 0}, {"0x", false, 0}, {"", false, 0}, {"x1", false, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = exact_copy(cases[i].text, strlen(cases[i].text));
		uint32_t value = 0;

		assert_int_equal(text_number((const char *)b.at, b.length, &value), cases[i].good);
		assert_int_equal(value, cases[i].value);
		exact_free(&b);
	}
}

static void divides_as_the_machine_does(void **state)
{
	static const uint64_t dividends[] = {0, 1, 9, 10, 0xffffffff, 0x100000000, 0x123456789abcdef0,
		UINT64_MAX - 1, UINT64_MAX};
	static const uint32_t divisors[] = {1, 2, 3, 10, 16, 1000, 65537, 0x7fffffff, 0x80000000,
		UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(dividends); i++)
		for (size_t j = 0; j < COUNT(divisors); j++) {
			uint32_t rest = 4711;

			assert_true(divide_u64(dividends[i], divisors[j], &rest) ==
				    dividends[i] / divisors[j]);
			assert_true(rest == dividends[i] % divisors[j]);
			assert_true(divide_u64(dividends[i], divisors[j], NULL) ==
				    dividends[i] / divisors[j]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_printf_does),
		cmocka_unit_test(prints_unknown_conversions_as_they_stand),
		cmocka_unit_test(names_a_null_string),
		cmocka_unit_test(cuts_at_the_buffer),
		cmocka_unit_test(foreign_text_is_made_harmless),
		cmocka_unit_test(hardware_addresses),
		cmocka_unit_test(compares_words),
		cmocka_unit_test(takes_fields_off),
		cmocka_unit_test(parses_numbers),
		cmocka_unit_test(parses_32_bit_limit),
		cmocka_unit_test(parses_numbers_of_any_base),
		cmocka_unit_test(divides_as_the_machine_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
