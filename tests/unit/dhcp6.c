// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/dhcp6.h: messages honest and hostile (RFC 8415), what is written, identifiers.
#include "netstack/wire/dhcp6.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

enum { IAID = 0x12345601 };

static void put_addresses(struct text *t, const char *name, const struct ipaddr *list)
{
	char shown[IPADDR_TEXT];

	for (size_t i = 0; i < DHCP6_SERVERS && !ipaddr_is_unset(&list[i]); i++)
		text_format(t, " %s=%s", name, ipaddr_format(&list[i], shown));
}

static void put_view(struct text *t, const char *name, struct text_view v)
{
	if (!v.length)
		return;
	text_format(t, " %s=", name);
	text_append(t, v.at, v.length);
}

static void put_status(struct text *t, const char *name, const struct dhcp6_status *s)
{
	char words[120];
	struct text w = text_of(words, sizeof words);

	if (s->code == DHCP6_SUCCESS)
		return;
	dhcp6_status_text(s, &w);
	text_format(t, " %s=%u(%s)", name, s->code, words);
}

static void describe(const struct dhcp6_message *m, struct text *t)
{
	char shown[IPADDR_TEXT];

	text_format(t, "%u %06x client=%u server=%u", m->type, m->xid, m->client.length, m->server.length);
	if (m->preference)
		text_format(t, " pref=%u", m->preference);
	if (m->rapid_commit)
		text_format(t, " rapid");
	put_status(t, "status", &m->status);
	if (m->has_ia)
		text_format(t, " ia=%u,%u", m->t1, m->t2);
	put_status(t, "ia-status", &m->ia_status);
	for (size_t i = 0; i < m->count; i++)
		text_format(t, " %s,%u,%u", ipaddr_format(&m->addresses[i].address, shown),
			m->addresses[i].preferred, m->addresses[i].valid);
	put_addresses(t, "dns", m->dns);
	put_addresses(t, "ntp", m->ntp);
	put_view(t, "search", (struct text_view){m->search, strlen(m->search)});
	put_view(t, "fqdn", (struct text_view){m->fqdn, strlen(m->fqdn)});
	put_view(t, "posix", m->posix_zone);
	put_view(t, "tz", m->tz_name);
	put_view(t, "url", m->boot_file_url);
	if (m->sol_max_rt)
		text_format(t, " max=%u", m->sol_max_rt);
}

// How the packets of that table are to be read.
static const struct {
	const char *name, *shown; // NULL: refused
} messages[] = {
	{"advertise", "2 abcdef client=10 server=14 pref=255 ia=60,105 fd00:0:0:2:0:0:0:1a,120,120"},
	{"reply", "7 abcdef client=10 server=14 rapid ia=60,105 fd00:0:0:2:0:0:0:1a,120,120 "
		"dns=fd00:0:0:2:0:0:0:2 dns=2001:db8:0:0:0:0:0:35 dns=fe80:0:0:0:0:0:0:1 "
		"ntp=fd00:0:0:2:0:0:0:7 "
		"search=example.org a.b fqdn=ws1.example.org posix=CET-1 tz=Europe/Berlin "
		"url=nfs://[fd00:2::2]/nfsroot max=3600"},
	{"information", "7 000001 client=10 server=14 dns=fd00:0:0:2:0:0:0:2"},
	{"no-addresses", "2 abcdef client=10 server=14 ia=0,0 ia-status=2(no addresses available)"},
	{"words-of-the-server", "7 abcdef client=10 server=14 status=1(out of order?)"},
	{"status-in-the-address", "7 abcdef client=10 server=14 ia=0,0 "
		"ia-status=4(the address does not belong on this network)"},
	{"odd-addresses", "7 abcdef client=10 server=14 ia=0,0 fd00:0:0:2:0:0:0:9,1,4294967295"},
	{"other-association", "7 abcdef client=10 server=14"},
	{"t1-after-t2", "7 abcdef client=10 server=14"},
	{"two-associations", "7 abcdef client=10 server=14 ia=60,105 fd00:0:0:2:0:0:0:1a,120,120"},
	{"bad-lists", "7 abcdef client=10 server=14 dns=fd00:0:0:2:0:0:0:2 search=ok"},
	{"unknown-status", "7 abcdef client=10 server=14 status=99(status 99)"},
	{"nothing", "1 000000 client=0 server=0"},
	{"option-too-long", NULL},
	{"option-in-association-too-long", NULL},
	{"association-too-short", NULL},
	{"address-too-short", NULL},
	{"empty-identifier", NULL},
	{"identifier-too-long", NULL},
	{"three-bytes", NULL},
};

static void reads_messages(void **state)
{
	(void)state;
	assert_int_equal(COUNT(messages), COUNT(dhcp6_packets));
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct bytes b = from_hex(PACKET(dhcp6_packets, messages[i].name));
		char got[800];
		struct text t = text_of(got, sizeof got);
		struct dhcp6_message m;
		bool read = dhcp6_read(&m, b.at, b.length, IAID);

		if (read != (messages[i].shown != NULL))
			fail_msg("%s", messages[i].name);
		if (read) {
			describe(&m, &t);
			assert_string_equal(got, messages[i].shown);
		}
		exact_free(&b);
	}
}

static void is_at_an_option(const uint8_t *bytes, size_t length, void *context)
{
	struct dhcp6_message m;
	size_t at = 4;

	(void)context;
	while (at + 4 <= length)
		at += 4 + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
	assert_int_equal(dhcp6_read(&m, bytes, length, IAID), length >= 4 && at == length);
}

static void cut_messages_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct bytes b = from_hex(PACKET(dhcp6_packets, messages[i].name));

		if (messages[i].shown)
			each_truncation(&b, is_at_an_option, NULL);
		exact_free(&b);
	}
}

static void writes_options(void **state)
{
	const struct ipaddr a = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x1a}};
	uint8_t buffer[200];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	dhcp6_write_header(&w, DHCP6_SOLICIT, 0xffabcdef);
	dhcp6_write_option(&w, DHCP6_OPTION_RAPID_COMMIT, NULL, 0);
	dhcp6_write_ia(&w, IAID, NULL);
	dhcp6_write_ia(&w, IAID, &a);
	dhcp6_write_fqdn(&w, "ws1.example.org");
	dhcp6_write_fqdn(&w, "");
	assert_false(w.failed);
	assert_hex(buffer, writer_length(&w), "01abcdef 000e0000 0003000c 12345601 00*8 "
		"00030028 12345601 00*8 00050018 fd00000000000002000000000000001a 00*8 "
		"00270005 01 03777331");
}

static void makes_identifiers(void **state)
{
	static const uint8_t uuid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t hwaddr[6] = {0x52, 0x54, 0, 0x12, 0x34, 1};
	struct dhcp6_duid a = dhcp6_duid_uuid(uuid), b = dhcp6_duid_ll(hwaddr);

	(void)state;
	assert_hex(a.bytes, a.length, "0004 0102030405060708090a0b0c0d0e0f10");
	assert_hex(b.bytes, b.length, "0003 0001 525400123401");
	assert_true(dhcp6_duid_equal(&a, &a));
	assert_false(dhcp6_duid_equal(&a, &b));
	b.length = 9;
	assert_false(dhcp6_duid_equal(&(struct dhcp6_duid){.length = 10}, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_messages),
		cmocka_unit_test(cut_messages_fail),
		cmocka_unit_test(writes_options),
		cmocka_unit_test(makes_identifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
