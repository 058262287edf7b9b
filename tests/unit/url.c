// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/url.h against RFC 3986: its parts, and section 5.4's references.
#include "netstack/wire/url.h"
#include "tests/unit/vectors.h"

static void assert_view(struct text_view got, const char *want)
{
	assert_int_equal(got.length, strlen(want));
	assert_memory_equal(got.at, want, got.length);
}

static void reads_urls(void **state)
{
	static const struct {
		const char *text, *scheme, *host;
		unsigned port;
		const char *path;
	} cases[] = {
		{"http://h/f", "http", "h", 0, "/f"},
		{"HTTP://192.168.2.2:8080/a/b?q=1#f", "HTTP", "192.168.2.2", 8080, "/a/b?q=1"},
		{"http://h", "http", "h", 0, ""},
		{"http://h#f", "http", "h", 0, ""},
		{"http://h?q", "http", "h", 0, "?q"},
		{"http://user:word@h:81/", "http", "h", 81, "/"},
		{"http://h:/f", "http", "h", 0, "/f"},
		{"http://[fe80::1]/f", "http", "[fe80::1]", 0, "/f"},
		{"http://[fe80::1]:80/f", "http", "[fe80::1]", 80, "/f"},
		{"tftp:///f", "tftp", "", 0, "/f"},
		{"tftp://h//f", "tftp", "h", 0, "//f"},
		{"x+y-z.1://h:65535/", "x+y-z.1", "h", 65535, "/"},
	};
	static const char *const none[] = {"", "f", "/f", "//h/f", "://h/f", "1http://h", "h::f", "http:/h",
		"http:h", "http://h:0/", "http://h:65536/", "http://h:x/", "http://h:-1/", "ht tp://h/"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct url u;

		assert_true(url_read(&u, cases[i].text));
		assert_view(u.scheme, cases[i].scheme);
		assert_view(u.host, cases[i].host);
		assert_int_equal(u.port, cases[i].port);
		assert_view(u.path, cases[i].path);
	}
	for (size_t i = 0; i < COUNT(none); i++)
		assert_false(url_read(&(struct url){0}, none[i]));
}

static void check_merge(const char *base, const char *reference, const char *want)
{
	char buffer[128];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "x");
	assert_true(url_merge(&t, base, reference));
	assert_string_equal(buffer + 1, want);
}

// RFC 3986 section 5.4, but for references whose scheme has no authority and for fragments, which are
// cut off.
static void merges_references(void **state)
{
	static const struct {
		const char *reference, *target;
	} cases[] = {
		{"g", "http://a/b/c/g"}, {"./g", "http://a/b/c/g"}, {"g/", "http://a/b/c/g/"},
		{"/g", "http://a/g"}, {"//g", "http://g"}, {"?y", "http://a/b/c/d;p?y"},
		{"g?y", "http://a/b/c/g?y"}, {"#s", "http://a/b/c/d;p?q"}, {"g#s", "http://a/b/c/g"},
		{"g?y#s", "http://a/b/c/g?y"}, {";x", "http://a/b/c/;x"}, {"g;x", "http://a/b/c/g;x"},
		{"", "http://a/b/c/d;p?q"}, {".", "http://a/b/c/"}, {"./", "http://a/b/c/"},
		{"..", "http://a/b/"}, {"../", "http://a/b/"}, {"../g", "http://a/b/g"},
		{"../..", "http://a/"}, {"../../", "http://a/"}, {"../../g", "http://a/g"},
		{"../../../g", "http://a/g"}, {"../../../../g", "http://a/g"}, {"/./g", "http://a/g"},
		{"/../g", "http://a/g"}, {"g.", "http://a/b/c/g."}, {".g", "http://a/b/c/.g"},
		{"g..", "http://a/b/c/g.."}, {"..g", "http://a/b/c/..g"}, {"./../g", "http://a/b/g"},
		{"./g/.", "http://a/b/c/g/"}, {"g/./h", "http://a/b/c/g/h"}, {"g/../h", "http://a/b/c/h"},
		{"g;x=1/./y", "http://a/b/c/g;x=1/y"}, {"g;x=1/../y", "http://a/b/c/y"},
		{"g?y/./x", "http://a/b/c/g?y/./x"}, {"g?y/../x", "http://a/b/c/g?y/../x"},
		{"http://h/x/../y", "http://h/y"}, {"tftp://h/f", "tftp://h/f"},
		{"//h:81/x/./y", "http://h:81/x/y"},
	};
	char buffer[16];
	struct text t = text_of(buffer, sizeof buffer);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check_merge("http://a/b/c/d;p?q", cases[i].reference, cases[i].target);
	check_merge("http://a", "g", "http://a/g");
	check_merge("http://a?x/y", "g", "http://a/g");
	check_merge("http://a?x", "?y", "http://a/?y");
	check_merge("http://a/b?x/y", "g", "http://a/g");
	assert_false(url_merge(&t, "a/b", "g"));
	assert_false(url_merge(&t, "http://a/b", "http://h:99999/"));
	assert_true(url_merge(&t, "http://a/b/c/d", "../../0123456789"));
	assert_true(t.cut);
}

static void decodes_and_encodes(void **state)
{
	static const struct {
		const char *from, *decoded, *encoded;
	} cases[] = {
		{"a%20b", "a b", "a%20b"}, {"%41%2fB", "A/B", "%41%2fB"}, {"a b", "a b", "a%20b"},
		{"100%", "100%", "100%25"}, {"%4", "%4", "%254"}, {"%zz", "%zz", "%25zz"},
		{"%00", "%00", "%00"}, {"\xc3\xa4\"<", "\xc3\xa4\"<", "%C3%A4%22%3C"},
		{"/x?y=1&z", "/x?y=1&z", "/x?y=1&z"}, {"\r\nX: y", "\r\nX: y", "%0D%0AX:%20y"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char buffer[64];
		struct text t = text_of(buffer, sizeof buffer);

		url_decode(&t, cases[i].from, strlen(cases[i].from));
		assert_string_equal(buffer, cases[i].decoded);
		t = text_of(buffer, sizeof buffer);
		url_encode(&t, cases[i].from, strlen(cases[i].from));
		assert_string_equal(buffer, cases[i].encoded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_urls),
		cmocka_unit_test(merges_references),
		cmocka_unit_test(decodes_and_encodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
