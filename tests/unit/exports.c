// SPDX-License-Identifier: BSD-2-Clause
// initramfs/root/exports.h: what a list of exports says about a path, also a hostile list.
#include "initramfs/root/exports.h"
#include "netstack/base/text.h"
#include "netstack/wire/mount3.h"
#include "tests/unit/vectors.h"

enum { ROOM = 4096 };

// One export: its path, then its groups up to NULL.
struct export {
	const char *words[5];
};

static struct xdr_bytes view(const char *text)
{
	return (struct xdr_bytes){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static struct bytes encode(const struct export *list, size_t count)
{
	static uint8_t room[ROOM];
	struct xdr x = xdr_encoder(room, sizeof room);
	bool more = true, end = false;
	struct xdr_bytes nothing = {0};

	for (size_t i = 0; i < count; i++) {
		struct xdr_bytes path = view(list[i].words[0]);

		mount3_export(&x, &more, &path);
		for (size_t g = 1; list[i].words[g]; g++) {
			struct xdr_bytes group = view(list[i].words[g]);

			mount3_group(&x, &more, &group);
		}
		mount3_group(&x, &end, &nothing);
	}
	mount3_export(&x, &end, &nothing);
	assert_false(x.failed);
	return exact_copy(room, xdr_length(&x));
}

static struct exports read_list(const struct export *list, size_t count, const char *path)
{
	struct bytes b = encode(list, count);
	struct xdr x = xdr_decoder(b.at, b.length);
	struct ipaddr own = ipaddr_v4(192, 168, 2, 57);
	struct exports e;

	exports_read(&e, &x, path, &own);
	exact_free(&b);
	return e;
}

static void judges(void **state)
{
	static const struct {
		struct export list[2];
		const char *path;
		enum exports_verdict verdict;
		const char *words;
	} cases[] = {
		{{{{"/nfsroot", "192.168.3.0/24"}}}, "/nfsroot", EXPORTS_OTHERS,
			"export /nfsroot exists for 192.168.3.0/24, but not for 192.168.2.57"},
		{{{{"/nfsroot", "192.168.2.56", "10.0.0.0/8"}}}, "/nfsroot", EXPORTS_OTHERS,
			"export /nfsroot exists for 192.168.2.56, 10.0.0.0/8, but not for 192.168.2.57"},
		{{{{"/nfsroot", "192.168.2.0/24"}}}, "/nfsroot", EXPORTS_OURS, "has 192.168.2.57"},
		{{{{"/nfsroot", "192.168.2.0/255.255.255.0"}}}, "/nfsroot", EXPORTS_OURS, "has"},
		{{{{"/nfsroot", "192.168.2.57"}}}, "/nfsroot", EXPORTS_OURS, "has"},
		{{{{"/nfsroot", "*"}}}, "/nfsroot", EXPORTS_OURS, "has"},
		{{{{"/nfsroot", "(everyone)"}}}, "/nfsroot/", EXPORTS_OURS, "has"},
		{{{{"/nfsroot"}}}, "/nfsroot", EXPORTS_OURS, "has"},
		{{{{"/nfsroot", "192.168.3.1", "*.lan"}}}, "/nfsroot", EXPORTS_OURS, "the server knows"},
		{{{{"/nfsroot", "192.168.2.57/x"}}}, "/nfsroot", EXPORTS_OURS, "the server knows"},
		{{{{"/srv/"}}}, "/srv/nfsroot", EXPORTS_OURS, "export /srv/ exists"},
		{{{{"/"}}}, "/srv/nfsroot", EXPORTS_OURS, "export / exists"},
		{{{{"/srv"}}}, "/srvx", EXPORTS_ABSENT, "the server exports /srv"},
		{{{{"/srv/nfsroot"}}}, "/srv", EXPORTS_ABSENT, "the server exports /srv/nfsroot"},
		{{{{"/a", "10.0.0.1"}}, {{"/b", "*"}}}, "/nfsroot", EXPORTS_ABSENT, "exports /a, /b"},
		// The more exact one of two counts, in any order.
		{{{{"/srv/x", "10.0.0.1"}}, {{"/srv", "*"}}}, "/srv/x", EXPORTS_OTHERS, "/srv/x exists for"},
		{{{{"/srv", "*"}}, {{"/srv/x", "10.0.0.1"}}}, "/srv/x", EXPORTS_OTHERS, "/srv/x exists for"},
		{{{{"/a\nb\x1b[2J"}}}, "/x", EXPORTS_ABSENT, "exports /a?b?[2J"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct exports e = read_list(cases[i].list, cases[i].list[1].words[0] ? 2 : 1,
			cases[i].path);

		assert_contains(e.words, cases[i].words);
		assert_int_equal(e.verdict, cases[i].verdict);
	}
}

static void an_unknown_own_address_has_words(void **state)
{
	const struct export list[] = {{{"/nfsroot", "10.0.0.1"}}};
	struct bytes b = encode(list, 1);
	struct xdr x = xdr_decoder(b.at, b.length);
	struct ipaddr none = {0};
	struct exports e;

	(void)state;
	exports_read(&e, &x, "/nfsroot", &none);
	assert_string_equal(e.words, "export /nfsroot exists for 10.0.0.1, but not for this machine");
	exact_free(&b);
}

static void nothing_is_exported(void **state)
{
	struct exports e = read_list(NULL, 0, "/nfsroot");

	(void)state;
	assert_int_equal(e.verdict, EXPORTS_ABSENT);
	assert_string_equal(e.words, "the server exports nothing");
}

static void long_lists_are_cut_in_words_only(void **state)
{
	static char names[40][24];
	struct export list[40] = {0};
	struct exports e;

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct text t = text_of(names[i], sizeof names[i]);

		text_format(&t, "/srv/some/export-%02d", i);
		list[i].words[0] = names[i];
	}
	e = read_list(list, 40, "/srv/some/export-39");
	assert_int_equal(e.verdict, EXPORTS_OURS);
	e = read_list(list, 40, "/nfsroot");
	assert_int_equal(e.verdict, EXPORTS_ABSENT);
	assert_contains(e.words, "...");
}

static void try_cut(const uint8_t *bytes, size_t length, void *context)
{
	struct xdr x = xdr_decoder(bytes, length);
	struct ipaddr own = ipaddr_v4(192, 168, 2, 57);
	struct exports e;

	(void)context;
	exports_read(&e, &x, "/nfsroot", &own);
	assert_int_equal(e.verdict, EXPORTS_UNKNOWN);
	assert_string_equal(e.words, "");
}

static void every_truncation(void **state)
{
	const struct export list[] = {{{"/a", "10.0.0.1", "*.lan"}}, {{"/nfsroot", "*"}}};
	struct bytes b = encode(list, 2);

	(void)state;
	each_truncation(&b, try_cut, NULL);
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(an_unknown_own_address_has_words),
		cmocka_unit_test(nothing_is_exported),
		cmocka_unit_test(long_lists_are_cut_in_words_only),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
