// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/dns_records.h: names of addresses, questions, and answers, honest and hostile.
#include "netstack/wire/dns_records.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

static const struct ipaddr four = {IP_V4, {192, 0, 2, 5}};
static const struct ipaddr six = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x12, 0xab}};

static struct dns_name host_name(void)
{
	struct dns_name name;

	assert_true(dns_name_read(&name, "boot.example", 12));
	return name;
}

static void makes_names_of_addresses(void **state)
{
	struct dns_name name, expected;
	static const char long_name[] =
		"b.a.2.1.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";

	(void)state;
	dns_reverse_name(&name, &four);
	assert_true(dns_name_read(&expected, "5.2.0.192.in-addr.arpa", 22));
	assert_int_equal(name.length, expected.length);
	assert_memory_equal(name.bytes, expected.bytes, expected.length);
	dns_reverse_name(&name, &six);
	assert_true(dns_name_read(&expected, long_name, strlen(long_name)));
	assert_int_equal(name.length, expected.length);
	assert_memory_equal(name.bytes, expected.bytes, expected.length);
}

static void writes_questions(void **state)
{
	struct dns_name name = host_name();
	uint8_t buffer[DNS_MESSAGE];
	struct writer w = writer_of(buffer, sizeof buffer), small = writer_of(buffer, 20);

	(void)state;
	dns_write_query(&small, 1, &name, DNS_AAAA);
	assert_true(small.failed);
	dns_write_query(&w, 0x1234, &name, DNS_AAAA);
	assert_hex(buffer, writer_length(&w),
		"1234 0100 0001 0000 0000 0000 04626f6f74 076578616d706c6500 001c 0001");
}

// How the packets of that table are to be read, with the id 1234: those of boot.example's AAAA records,
// and those of 192.0.2.5's PTR records.
static const struct {
	const char *name;
	enum dns_type type;
	const char *shown; // NULL: refused
} answers[] = {
	{"ptr", DNS_PTR, "0 ws5.example.org"},
	{"ptr-upper-case", DNS_PTR, "0 ws5.example.org"},
	{"ptr-by-alias", DNS_PTR, "0 ws5.example.org"},
	{"ptr-two", DNS_PTR, "0 ws5"},
	{"ptr-with-blank", DNS_PTR, "0 ws6"},
	{"ptr-with-dot-in-label", DNS_PTR, "0"},
	{"ptr-to-root", DNS_PTR, "0"},
	{"ptr-leads-outside", DNS_PTR, "0"},
	{"ptr-of-another", DNS_PTR, "0"},
	{"ptr-nxdomain", DNS_PTR, "3"},
	{"ptr-loop", DNS_PTR, NULL},
	{"ptr-other-type", DNS_PTR, NULL},
	{"ptr-question", DNS_PTR, NULL},
	{"aaaa", DNS_AAAA, "0 fd00:0:0:2:0:0:0:9"},
	{"aaaa-by-alias", DNS_AAAA, "0 fd00:0:0:2:0:0:0:9 fd00:0:0:2:0:0:0:a"},
	{"aaaa-many", DNS_AAAA, "0 fd00:0:0:0:0:0:0:1 fd00:0:0:0:0:0:0:2 fd00:0:0:0:0:0:0:3 fd00:0:0:0:0:0:0:4"},
	{"aaaa-bad-addresses", DNS_AAAA, "0"},
	{"aaaa-cut", DNS_AAAA, NULL},
};

static struct dns_name asked(enum dns_type type)
{
	struct dns_name name = host_name();

	if (type == DNS_PTR)
		dns_reverse_name(&name, &four);
	return name;
}

static void describe(char *to, size_t size, const struct dns_records *r)
{
	struct text t = text_of(to, size);
	char address[IPADDR_TEXT];

	text_format(&t, "%u", r->rcode);
	for (size_t i = 0; i < r->count; i++)
		text_format(&t, " %s", ipaddr_format(&r->addresses[i], address));
	if (r->host[0])
		text_format(&t, " %s", r->host);
}

static void reads_answers(void **state)
{
	(void)state;
	assert_int_equal(COUNT(answers), COUNT(dns_record_packets));
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct bytes b = from_hex(PACKET(dns_record_packets, answers[i].name));
		struct dns_name name = asked(answers[i].type);
		struct dns_records r;
		char shown[200];
		bool read = dns_read_records(&r, b.at, b.length, 0x1234, &name, answers[i].type);

		if (read != (answers[i].shown != NULL))
			fail_msg("%s", answers[i].name);
		if (read) {
			describe(shown, sizeof shown, &r);
			assert_string_equal(shown, answers[i].shown);
		}
		assert_false(dns_read_records(&r, b.at, b.length, 0x1235, &name, answers[i].type));
		exact_free(&b);
	}
}

static void cut_fails(const uint8_t *bytes, size_t length, void *context)
{
	enum dns_type type = *(enum dns_type *)context;
	struct dns_name name = asked(type);
	struct dns_records r;

	assert_false(dns_read_records(&r, bytes, length, 0x1234, &name, type));
}

static void cut_answers_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct bytes b = from_hex(PACKET(dns_record_packets, answers[i].name));
		enum dns_type type = answers[i].type;

		each_truncation(&b, cut_fails, &type);
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_names_of_addresses),
		cmocka_unit_test(writes_questions),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(cut_answers_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
