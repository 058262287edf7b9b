// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/http.h against RFC 9110 and 9112: heads, what must be refused in them, chunks cut at
// every byte, and requests.
#include "netstack/wire/http.h"
#include "tests/unit/http_heads.h"
#include "tests/unit/vectors.h"

static struct text_view view(const char *text)
{
	return (struct text_view){text, strlen(text)};
}

static void assert_request(const struct http_request *r, const char *want)
{
	char buffer[512];
	struct writer w = writer_of(buffer, sizeof buffer);

	http_write_request(&w, r);
	assert_false(w.failed);
	write_u8(&w, 0);
	assert_string_equal(buffer, want);
}

static void writes_requests(void **state)
{
	const struct http_request plain = {.host = view("192.168.2.2"), .path = view("/vmlinuz")};
	const struct http_request rest = {.host = view("h"), .port = 8080, .path = view("/a?b"),
		.from = 5000000000, .if_range = "\"tag\""};
	const struct http_request piece = {.host = view("h"), .path = view("/a"), .from = 9, .until = 20,
		.if_range = "\"x\""};
	const struct http_request size = {.method = HTTP_HEAD, .host = view("h"), .port = 80};

	(void)state;
	assert_request(&plain, "GET /vmlinuz HTTP/1.1\r\nHost: 192.168.2.2\r\nUser-Agent: lanyard\r\n"
			       "Accept-Encoding: identity\r\nConnection: keep-alive\r\n\r\n");
	assert_request(&rest, "GET /a?b HTTP/1.1\r\nHost: h:8080\r\nUser-Agent: lanyard\r\n"
			      "Accept-Encoding: identity\r\nConnection: keep-alive\r\n"
			      "Range: bytes=5000000000-\r\nIf-Range: \"tag\"\r\n\r\n");
	assert_request(&piece, "GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: lanyard\r\n"
			       "Accept-Encoding: identity\r\nConnection: keep-alive\r\n"
			       "Range: bytes=9-19\r\nIf-Range: \"x\"\r\n\r\n");
	assert_request(&size, "HEAD / HTTP/1.1\r\nHost: h\r\nUser-Agent: lanyard\r\n"
			      "Accept-Encoding: identity\r\nConnection: keep-alive\r\n\r\n");
}

static void describe(struct text *t, const struct http_response *r)
{
	static const char *const bodies[] = {"none", "length", "chunked", "close"};
	const struct {
		const char *name;
		struct text_view v;
	} texts[] = {{"etag", r->etag}, {"date", r->last_modified}, {"location", r->location},
		{"type", r->content_type}, {"reason", r->reason}};

	text_format(t, "%u %s%s", r->status, bodies[r->body], r->keep ? " keep" : "");
	if (r->length != HTTP_UNKNOWN)
		text_format(t, " %llu", (unsigned long long)r->length);
	if (r->ranged)
		text_format(t, " from %llu to %llu", (unsigned long long)r->first,
			(unsigned long long)r->last);
	if (r->total != HTTP_UNKNOWN)
		text_format(t, " of %llu", (unsigned long long)r->total);
	if (r->retry_after)
		text_format(t, " after %u", r->retry_after);
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (texts[i].v.length) {
			text_format(t, " %s=", texts[i].name);
			text_append(t, texts[i].v.at, texts[i].v.length);
		}
	}
}

static void reads_heads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(http_heads); i++) {
		struct bytes b = exact_copy(http_heads[i].head, strlen(http_heads[i].head));
		struct http_response r;
		char shown[300];
		struct text t = text_of(shown, sizeof shown);

		assert_int_equal(http_head_length(b.at, b.length), b.length);
		if (http_read_response(&r, b.at, b.length, HTTP_GET))
			describe(&t, &r);
		else
			text_format(&t, "wrong: %s", r.wrong);
		assert_string_equal(shown, http_heads[i].shown);
		exact_free(&b);
	}
}

// The answer to HEAD tells the length of a body that does not follow.
static void heads_for_head(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
	struct http_response r;

	(void)state;
	assert_true(http_read_response(&r, head, sizeof head - 1, HTTP_HEAD));
	assert_int_equal(r.body, HTTP_BODY_NONE);
	assert_int_equal(r.length, 5);
	assert_true(r.keep);
}

static void is_not_complete(const uint8_t *bytes, size_t length, void *context)
{
	struct http_response r;

	(void)context;
	assert_int_equal(http_head_length(bytes, length), 0);
	http_read_response(&r, bytes, length, HTTP_GET);
}

static void heads_end_with_an_empty_line(void **state)
{
	static const char more[] = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n\n\r\nbody";

	(void)state;
	assert_int_equal(http_head_length(more, sizeof more), 25);
	assert_int_equal(http_head_length("HTTP/1.0 200 OK\n\nx", 18), 17);
	for (size_t i = 0; i < COUNT(http_heads); i++) {
		struct bytes b = exact_copy(http_heads[i].head, strlen(http_heads[i].head));

		each_truncation(&b, is_not_complete, NULL);
		exact_free(&b);
	}
}

// Reads a body in pieces of `step` bytes; gives its content, or how it ended.
static void read_chunks(struct text *to, const char *body, size_t step)
{
	struct http_chunks c = {0};
	size_t length = strlen(body), at = 0;

	while (at < length && !c.done && !c.failed) {
		size_t piece = length - at < step ? length - at : step;
		struct bytes b = exact_copy(body + at, piece);
		size_t used = 0;

		while (used < piece && !c.done && !c.failed) {
			struct text_view data;
			size_t took = http_chunks_read(&c, b.at + used, piece - used, &data);

			assert_in_range(took, 1, piece - used);
			text_append(to, data.at, data.length);
			used += took;
		}
		at += used;
		exact_free(&b);
	}
	text_format(to, c.failed ? "!" : c.done ? ".%s" : "?", body + at);
}

static void reads_chunks(void **state)
{
	static const struct {
		const char *body, *content; // and '.' with what follows, '!' refused, '?' more to come
	} cases[] = {
		{"5\r\nhello\r\n0\r\n\r\n", "hello."},
		{"5\nhello\n0\n\n", "hello."},
		{"5;x=\"y\"\r\nhello\r\n1 \r\n!\r\n000\r\n\r\nHTTP", "hello!.HTTP"},
		{"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\nY: z\r\n\r\nrest",
			"01234567890123456789.rest"},
		{"0\r\n\r\n", "."},
		{"", "?"},
		{"5\r\nhel", "hel?"},
		{"5\r\nhello\r\n0\r\n", "hello?"},
		{"5\r\nhello\r\n0\r\nTrailer: x\r\n", "hello?"},
		{"5\r\nhelloX", "hello!"},
		{"x\r\n", "!"},
		{"\r\n", "!"},
		{"-1\r\n", "!"},
		{"5x\r\n", "!"},
		{"7fffffffffffffff\r\nx", "x?"},
		{"8000000000000000\r\nx", "!"},
		{"10000000000000000\r\nx", "!"},
		{"00000000000000005\r\nhello", "!"},
		{"ffffffffffffffffff\r\nx", "!"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t step = 1; step < 70; step++) {
			char content[100];
			struct text t = text_of(content, sizeof content);

			read_chunks(&t, cases[i].body, step);
			assert_string_equal(content, cases[i].content);
		}
	}
}

static void endless_overhead_is_refused(void **state)
{
	static const char *const begins[] = {"1;", "0\r\n", "0\r\nx"};

	(void)state;
	for (size_t i = 0; i < COUNT(begins); i++) {
		struct http_chunks c = {0};
		struct text_view data;
		size_t n = 0;

		for (const char *b = begins[i]; *b; b++)
			http_chunks_read(&c, (const uint8_t *)b, 1, &data);
		for (; !c.failed && n < 100000; n++)
			http_chunks_read(&c, (const uint8_t *)"y", 1, &data);
		assert_in_range(n, 8000, 9000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(reads_heads),
		cmocka_unit_test(heads_for_head),
		cmocka_unit_test(heads_end_with_an_empty_line),
		cmocka_unit_test(reads_chunks),
		cmocka_unit_test(endless_overhead_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
