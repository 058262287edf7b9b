// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/dns.h: names, the question, and answers, honest and hostile (RFC 1035).
#include "netstack/wire/dns.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	assert_true(dns_name_read(&name, text, strlen(text)));
	return name;
}

static void reads_names(void **state)
{
	static const char *const bad[] = {"", ".", "a..b", ".a", "a b", "a/b", "[::1]", "a:b",
		"0123456789012345678901234567890123456789012345678901234567890123.x"};
	struct dns_name name = name_of("Boot.Example");
	char longest[300];

	(void)state;
	assert_hex(name.bytes, name.length, "04 626f6f74 07 6578616d706c65 00");
	name = name_of("a_b-1.");
	assert_hex(name.bytes, name.length, "05 615f622d31 00");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(dns_name_read(&name, bad[i], strlen(bad[i])));
	memset(longest, 'a', sizeof longest);
	for (size_t i = 1; i < sizeof longest; i += 2)
		longest[i] = '.';
	for (size_t i = 1; i < sizeof longest; i += 2)
		assert_int_equal(dns_name_read(&name, longest, i), i + 2 <= DNS_NAME);
}

static void writes_the_question(void **state)
{
	struct dns_name name = name_of("boot.example");
	uint8_t buffer[DNS_MESSAGE];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	dns_write_question(&w, 0x1234, &name);
	assert_hex(buffer, writer_length(&w),
		"1234 0100 0001 0000 0000 0000 04626f6f74 076578616d706c6500 0001 0001");
}

// How the packets of that table are to be read, asked for boot.example with the id 1234.
static const struct {
	const char *name, *shown; // NULL: refused
} answers[] = {
	{"a", "0 10.0.0.9"},
	{"two", "0 10.0.0.9 10.0.0.10"},
	{"upper-case", "0 10.0.0.9"},
	{"cname", "0 alias 10.0.0.9"},
	{"cname-later", "0 alias 10.0.0.9"},
	{"cname-only", "0 alias"},
	{"cname-loop", NULL},
	{"nxdomain", "3"},
	{"servfail", "2"},
	{"truncated", "0 cut"},
	{"truncated-with-address", "0 cut 10.0.0.9"},
	{"other-name", "0"},
	{"other-class", "0"},
	{"six-byte-address", "0"},
	{"loopback", "0"},
	{"pointer-to-itself", NULL},
	{"pointer-loop", NULL},
	{"pointer-ahead", NULL},
	{"pointer-outside", NULL},
	{"label-type", NULL},
	{"count-too-high", NULL},
	{"data-too-long", NULL},
	{"question-differs", NULL},
	{"two-questions", NULL},
	{"is-question", NULL},
	{"other-id", NULL},
};

static void describe(char *to, size_t size, const struct dns_answer *a)
{
	struct text t = text_of(to, size);
	char address[IPADDR_TEXT];

	text_format(&t, "%u%s%s", a->rcode, a->truncated ? " cut" : "", a->alias ? " alias" : "");
	for (size_t i = 0; i < a->count; i++)
		text_format(&t, " %s", ipaddr_format(&a->addresses[i], address));
}

static void reads_answers(void **state)
{
	struct dns_name name = name_of("boot.example"), alias = name_of("h.example");

	(void)state;
	assert_int_equal(COUNT(answers), COUNT(dns_packets));
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct bytes b = from_hex(PACKET(dns_packets, answers[i].name));
		bool read;
		struct dns_answer a;
		char shown[80];

		read = dns_read_answer(&a, b.at, b.length, 0x1234, &name);
		if (read != (answers[i].shown != NULL))
			fail_msg("%s", answers[i].name);
		if (read) {
			describe(shown, sizeof shown, &a);
			assert_string_equal(shown, answers[i].shown);
		}
		if (read && a.alias)
			assert_memory_equal(a.name.bytes, alias.bytes, alias.length);
		exact_free(&b);
	}
}

static void cut_fails(const uint8_t *bytes, size_t length, void *context)
{
	struct dns_answer a;

	assert_false(dns_read_answer(&a, bytes, length, 0x1234, context));
}

static void cut_answers_fail(void **state)
{
	struct dns_name name = name_of("boot.example");

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct bytes b = from_hex(PACKET(dns_packets, answers[i].name));

		if (answers[i].shown && !(b.at[2] & 2)) // a truncated answer may end anywhere
			each_truncation(&b, cut_fails, &name);
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_names),
		cmocka_unit_test(writes_the_question),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(cut_answers_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
