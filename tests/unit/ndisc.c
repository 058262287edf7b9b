// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/ndisc.h: the vectors are options of router announcements (RFC 8106 section 5).
#include "netstack/wire/ndisc.h"
#include "tests/unit/vectors.h"

#define SERVER1 "fd000002000000000000000000000001"
#define SERVER2 "fd000002000000000000000000000002"
#define LINK "fe800000000000000000000000000001"
#define HOUR "00000e10"
#define EXAMPLE "07 6578616d706c65 03 6f7267 00" // example.org

static void read(struct ndisc_dns *dns, const char *hex)
{
	struct bytes b = from_hex(hex);

	ndisc_read_dns(dns, b.at, b.length);
	exact_free(&b);
}

static void assert_servers(const struct ndisc_dns *dns, const char *expected)
{
	char all[NDISC_SERVERS * (IPADDR_TEXT + 1)] = "", shown[IPADDR_TEXT];
	struct text t = text_of(all, sizeof all);

	for (size_t i = 0; i < NDISC_SERVERS && !ipaddr_is_unset(&dns->servers[i]); i++)
		text_format(&t, "%s%s", i ? " " : "", ipaddr_format(&dns->servers[i], shown));
	assert_string_equal(all, expected);
}

static void reads_servers(void **state)
{
	struct ndisc_dns dns = {0};

	(void)state;
	read(&dns, "19 03 0000" HOUR SERVER1);
	assert_servers(&dns, "fd00:2:0:0:0:0:0:1");
	read(&dns, "19 07 0000 ffffffff" SERVER1 LINK SERVER2);
	assert_servers(&dns, "fd00:2:0:0:0:0:0:1 fe80:0:0:0:0:0:0:1 fd00:2:0:0:0:0:0:2");
	for (unsigned i = 0; i < 9; i++) { // what does not fit is left out
		char hex[80];

		snprintf(hex, sizeof hex, "19 03 0000" HOUR "fd0000020000000000000000000001%02x", i);
		read(&dns, hex);
	}
	assert_servers(&dns, "fd00:2:0:0:0:0:0:1 fe80:0:0:0:0:0:0:1 fd00:2:0:0:0:0:0:2 "
		"fd00:2:0:0:0:0:0:100");
	assert_string_equal(dns.search, "");
}

static void takes_servers_away(void **state)
{
	struct ndisc_dns dns = {0};

	(void)state;
	read(&dns, "19 07 0000" HOUR SERVER1 LINK SERVER2);
	read(&dns, "19 05 0000 00000000" LINK "fd000002000000000000000000000003");
	assert_servers(&dns, "fd00:2:0:0:0:0:0:1 fd00:2:0:0:0:0:0:2");
	read(&dns, "19 03 0000 00000000" SERVER1);
	assert_servers(&dns, "fd00:2:0:0:0:0:0:2");
	read(&dns, "19 05 0000 00000000" SERVER2 SERVER1);
	assert_servers(&dns, "");
}

static void reads_domains(void **state)
{
	struct ndisc_dns dns = {0};

	(void)state;
	read(&dns, "1f 04 0000" HOUR EXAMPLE "03 6c616e 00 00*6");
	assert_string_equal(dns.search, "example.org lan");
	read(&dns, "1f 02 0000" HOUR "03 6c616e 00 00*3");
	assert_string_equal(dns.search, "example.org lan");
	read(&dns, "1f 02 0000 00000000 03 6c616e 00 00*3");
	assert_string_equal(dns.search, "");
	assert_servers(&dns, "");
}

static void passes_over_the_rest(void **state)
{
	static const char *const others[] = {
		"", "19", "1903 0000" HOUR,
		"19 00 0000" HOUR SERVER1,               // no length
		"19 04 0000" HOUR SERVER1,               // longer than what is there
		"19 03 0000 00000000" SERVER1,           // no longer to be used
		"19 02 0000" HOUR "00*8",                // half an address
		"19 04 0000" HOUR SERVER1 "00*8",        // and a half
		"19 03 0000" HOUR "00*15 01",            // this machine
		"19 03 0000" HOUR "ff02 00*13 01",
		"03 03 0000" HOUR SERVER1,
		"1f 02 0000" HOUR "09 6c616e 00 00*3",   // a label beyond the option
		"1f 02 0000" HOUR "03 6c0a6e 00 00*3",   // a character that no file should have
		"1f 02 0000" HOUR "00*8",
		"1f 02 0000 00000000 03 6c616e 00 00*3",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct ndisc_dns dns = {0};

		read(&dns, others[i]);
		if (!ipaddr_is_unset(&dns.servers[0]) || dns.search[0])
			fail_msg("'%s' says something", others[i]);
	}
}

static void a_cut(const uint8_t *bytes, size_t length, void *context)
{
	struct ndisc_dns dns = {0};

	(void)context;
	ndisc_read_dns(&dns, bytes, length);
	assert_servers(&dns, "");
}

static void nothing_of_a_part(void **state)
{
	struct bytes b = from_hex("19 05 0000" HOUR SERVER1 SERVER2);

	(void)state;
	each_truncation(&b, a_cut, NULL);
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_servers),
		cmocka_unit_test(takes_servers_away),
		cmocka_unit_test(reads_domains),
		cmocka_unit_test(passes_over_the_rest),
		cmocka_unit_test(nothing_of_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
