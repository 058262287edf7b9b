// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/ipparam.h: what each value of ip= means, that it can be written back, and BOOTIF=.
#include "netstack/wire/ipparam.h"
#include "tests/unit/vectors.h"
#include "tests/unit/ip_parameters.h"

static void put_address(struct text *t, const char *name, const struct ipaddr *a)
{
	char text[IPADDR_TEXT];

	if (a->family != IP_NONE)
		text_format(t, "%s=%s ", name, ipaddr_format(a, text));
}

static void put_text(struct text *t, const char *name, const char *text)
{
	if (text[0])
		text_format(t, "%s=%s ", name, text);
}

// The fields that are set, in the order of the grammar.
static void describe(const struct ipparam *p, struct text *t)
{
	static const char *const words[] = {"static", "dhcp", "bootp", "auto6", "dhcp6", "either6", "link6"};

	put_address(t, "client", &p->client);
	put_address(t, "server", &p->server);
	put_address(t, "gw", &p->gateway);
	if (p->has_mask)
		text_format(t, "/%u ", p->prefix);
	put_text(t, "host", p->hostname);
	put_text(t, "domain", p->domain);
	put_text(t, "dev", p->device);
	text_format(t, "%s ", words[p->autoconf]);
	if (p->client_id_length) {
		text_format(t, "id=%u,", p->client_id[0]);
		text_append(t, (const char *)p->client_id + 1, p->client_id_length - 1u);
		text_putc(t, ' ');
	}
	put_address(t, "dns", &p->dns[0]);
	put_address(t, p->dns[0].family ? "dns" : "dns2", &p->dns[1]);
	put_address(t, "ntp", &p->ntp);
	if (p->mtu)
		text_format(t, "mtu=%u ", p->mtu);
	if (p->has_hwaddr) {
		text_format(t, "mac=");
		text_hwaddr(t, p->hwaddr, 6, ':');
		text_putc(t, ' ');
	}
	t->start[--t->length] = 0; // the last blank
}

static bool parse(struct ipparam *p, const char *value, struct fault *fault)
{
	struct bytes exact = exact_copy(value, strlen(value));
	bool good = ipparam_parse(p, (const char *)exact.at, exact.length, fault);

	exact_free(&exact);
	return good;
}

static void means_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ip_parameters); i++) {
		const struct ip_parameter *e = &ip_parameters[i];
		char got[500];
		struct text t = text_of(got, sizeof got);
		struct fault fault;
		struct ipparam p;
		bool good = parse(&p, e->value, &fault);

		if (good != (e->means != NULL))
			fail_msg("'%s': %s", e->value, good ? "accepted" : fault.facts);
		if (!good) {
			assert_int_equal(fault.id, FAULT_IP_PARAMETER);
			assert_contains(fault.facts, e->words);
			continue;
		}
		assert_int_equal(fault.id, FAULT_NONE);
		describe(&p, &t);
		assert_string_equal(got, e->means);
		if (e->words)
			assert_contains(p.notice, e->words);
		else
			assert_string_equal(p.notice, "");
	}
}

static void error_sentences_help(void **state)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);
	struct fault fault;
	struct ipparam p;

	(void)state;
	assert_false(parse(&p, "10.0.0.300::10.0.0.1:24:h:eth0:none", &fault));
	fault_sentence(&fault, &t);
	assert_starts(sentence, "LAN-503 ip= was not understood in field 1 (client address): "
				"'10.0.0.300' is not an address such as 192.168.1.50 or [fd00::50]. ");
}

static void class_gives_the_prefix(void **state)
{
	struct fault fault;
	struct ipparam p;

	(void)state;
	assert_true(parse(&p, "172.16.0.5", &fault));
	assert_false(p.has_mask);
	assert_int_equal(p.prefix, 16);
}

static void notices_are_never_cut(void **state)
{
	struct fault fault;
	struct ipparam p;

	(void)state;
	assert_true(parse(&p, "192.168.100.100::172.131.255.254", &fault));
	assert_string_equal(p.notice, "no netmask given, taking the class's 255.255.255.0; gateway off "
				      "the network, reached on the link: 172.131.255.254");
}

static void writes_what_it_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ip_parameters); i++) {
		char value[500], before[500], after[500];
		struct text v = text_of(value, sizeof value), b = text_of(before, sizeof before),
			    a = text_of(after, sizeof after);
		struct fault fault;
		struct ipparam p, again;

		if (!parse(&p, ip_parameters[i].value, &fault))
			continue;
		ipparam_format(&p, &v);
		if (!parse(&again, value, &fault))
			fail_msg("'%s' was written as '%s'", ip_parameters[i].value, value);
		describe(&p, &b);
		describe(&again, &a);
		assert_string_equal(after, before);
	}
}

static void writes_the_shortest_form(void **state)
{
	static const char *const values[] = {"dhcp", "bootp", "off", ":::::eth0", "10.0.0.5",
		"192.168.2.50:192.168.2.2:192.168.2.2:255.255.255.0:ws1:eth0",
		"10.77.0.50:10.77.0.1:10.77.0.1:255.255.255.0", "10.0.0.5:::32", "10.0.0.5::::::dhcp",
		"::::ws1.example.org", "dhcp,1,x", ":::::eth0:dhcp,1,x", "::::h::off",
		":::::eth0::1400:00:11:22:33:44:55", ":::::eth0:::00:11:22:33:44:55",
		":::::eth0:::8.8.4.4", "dhcp6", ":::::eth0:either6", "::::ws1::link6", ":::::::8.8.8.8::10.0.0.3"};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		char got[200];
		struct text t = text_of(got, strlen(values[i]) + 1);
		struct fault fault;
		struct ipparam p;

		assert_true(parse(&p, values[i], &fault));
		ipparam_format(&p, &t);
		assert_string_equal(got, values[i]);
		assert_false(t.cut);
	}
}

// SYSAPPEND 1, as the boot program emits it.
static void writes_pxelinux_form(void **state)
{
	struct ipparam p = {.client = ipaddr_v4(10, 77, 0, 50), .server = ipaddr_v4(10, 77, 0, 1),
		.gateway = ipaddr_v4(10, 77, 0, 254), .prefix = 25, .has_mask = true};
	char got[100];
	struct text t = text_of(got, sizeof got);

	(void)state;
	text_format(&t, "ip=");
	ipparam_format(&p, &t);
	assert_string_equal(got, "ip=10.77.0.50:10.77.0.1:10.77.0.254:255.255.255.128");
}

static void cut_by_a_small_buffer(void **state)
{
	struct ipparam p = {.client = ipaddr_v4(10, 77, 0, 50)};
	char got[8];
	struct text t = text_of(got, sizeof got);

	(void)state;
	ipparam_format(&p, &t);
	assert_true(t.cut);
	assert_string_equal(got, "10.77.0");
}

static void reads_bootif(void **state)
{
	static const char *const good[] = {"01-52-54-00-ab-cd-ef", "01-52-54-00-AB-CD-EF",
		"52-54-00-ab-cd-ef", "52:54:00:ab:cd:ef", "01:52:54:00:ab:cd:ef", "06-52-54-00-ab-cd-ef"};
	static const char *const bad[] = {"", "01", "eth0", "52-54-00-ab-cd", "52-54-00-ab-cd-e",
		"52-54-00-ab-cd-eg", "5254-00-ab-cd-ef0", "525400abcdef", "52.54.00.ab.cd.ef",
		"01-52-54-00-ab-cd-ef-", "01-52-54-00-ab-cd-ef-00", "0x-52-54-00-ab-cd-ef",
		"01.52-54-00-ab-cd-ef", "52-54-00-ab-cd- f"};
	uint8_t hwaddr[6];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct bytes b = exact_copy(good[i], strlen(good[i]));

		assert_true(bootif_parse(hwaddr, (const char *)b.at, b.length));
		assert_hex(hwaddr, 6, "525400abcdef");
		exact_free(&b);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct bytes b = exact_copy(bad[i], strlen(bad[i]));

		assert_false(bootif_parse(hwaddr, (const char *)b.at, b.length));
		assert_hex(hwaddr, 6, "525400abcdef");
		exact_free(&b);
	}
}

static void parse_cut(const uint8_t *bytes, size_t length, void *context)
{
	struct fault fault;
	struct ipparam p;

	(void)context;
	if (!ipparam_parse(&p, (const char *)bytes, length, &fault))
		assert_int_equal(fault.id, FAULT_IP_PARAMETER);
}

static void every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ip_parameters); i++) {
		struct bytes b = exact_copy(ip_parameters[i].value, strlen(ip_parameters[i].value));

		each_truncation(&b, parse_cut, NULL);
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_what_the_table_says),
		cmocka_unit_test(error_sentences_help),
		cmocka_unit_test(class_gives_the_prefix),
		cmocka_unit_test(notices_are_never_cut),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_the_shortest_form),
		cmocka_unit_test(writes_pxelinux_form),
		cmocka_unit_test(cut_by_a_small_buffer),
		cmocka_unit_test(reads_bootif),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
