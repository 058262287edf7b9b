// SPDX-License-Identifier: BSD-2-Clause
// initramfs/pattern.h, beside the C library's fnmatch(3).
#include "initramfs/pattern.h"
#include "tests/unit/vectors.h"

#include <fnmatch.h>

static const char *const patterns[] = {"", "*", "**", "?", "a", "abc", "a*c", "*c", "a*", "*b*", "a?c",
	"a??", "[abc]", "[a-c]*", "[!a]", "[!a-c]*", "[]]", "[]a]*", "[!]]", "[a-]", "[-a]", "[a", "a[", "[",
	"[]", "[!]", "*[0-2]*dc*", "pci:v00008086d0000100Esv*sd*bc*sc*i*", "usb:v13FDp3940d0[0-2]*dc*in*",
	"*a*b*c*d*e*f*", "*.conf", "ens?", "[a-c][a-c][!a-c]"};
static const char *const texts[] = {"", "a", "b", "c", "d", "]", "[", "-", "!", "ab", "abc", "abd", "ac",
	"axxc", "a[", "[a", "[]", "[!]", "cba", "aabbcc", "pci:v00008086d0000100Esv00001AF4sd1bc02sc00i00",
	"pci:v00008086d0000100Fsv00001AF4sd1bc02sc00i00", "usb:v13FDp3940d01dc1in2",
	"usb:v13FDp3940d03dc1in2", "abcdef", "a.b.c.d.e.f.", "xaxbxcxdxexf", "eth0.conf", "ens3", "ens", ".x"};

static void agrees_with_fnmatch(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++)
		for (size_t k = 0; k < COUNT(texts); k++) {
			struct bytes p = exact_copy(patterns[i], strlen(patterns[i]) + 1);
			struct bytes t = exact_copy(texts[k], strlen(texts[k]) + 1);
			bool expected = fnmatch(patterns[i], texts[k], 0) == 0;

			if (pattern_match((const char *)p.at, (const char *)t.at) != expected)
				fail_msg("'%s' and '%s'", patterns[i], texts[k]);
			exact_free(&p);
			exact_free(&t);
		}
}

static void ends_soon(void **state)
{
	static char pattern[201], text[513];

	(void)state;
	for (size_t i = 0; i < 200; i += 2)
		memcpy(pattern + i, "*a", 2);
	memset(text, 'a', 512);
	assert_true(pattern_match(pattern, text));
	pattern[199] = 'b';
	assert_false(pattern_match(pattern, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_fnmatch),
		cmocka_unit_test(ends_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
