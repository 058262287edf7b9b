// SPDX-License-Identifier: BSD-2-Clause
// The HTTP client machine against servers played byte by byte: bodies of all kinds, kept connections,
// redirections, errors, broken and hostile answers, and the rest of a file after a break.
#include "tests/sim/http_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH_200000 "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n"
#define TAGGED LENGTH_200000 "ETag: \"a-1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
#define REST(from, total) "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " #from "-199999/" #total "\r\n"

// ---- bodies

static void test_length(void **state)
{
	static const size_t pieces[] = {0, 1, 7, 1460};

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		http_play_reset(state);
		piece = pieces[i];
		start();
		expect_request("GET /boot/vmlinuz HTTP/1.1\r\nHost: 10.0.0.1\r\n");
		give(TAGGED);
		assert_int_equal(sink.announced, 200000);
		give_file(0, 200000);
		expect_done();
		assert_int_equal(line.state, STREAM_OPEN);
		assert_ptr_equal(c.stream, &line);
		assert_string_equal(c.mark.tag, "\"a-1\"");
	}
}

static void test_head_and_body_in_one_packet(void **state)
{
	char packet[64];
	int length;

	(void)state;
	file.size = 5;
	length = sprintf(packet, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	sim_file_read(&file, 0, packet + length, 5);
	start();
	give_bytes(packet, (size_t)length + 5);
	expect_done();
}

static void give_chunks(size_t size)
{
	char line_text[16];

	for (size_t at = 0; at < file.size; at += size) {
		size_t length = file.size - at < size ? (size_t)file.size - at : size;

		sprintf(line_text, "%zx\r\n", length);
		give(line_text);
		give_file(at, length);
		give("\r\n");
	}
	give("0\r\n\r\n");
}

static void test_chunks(void **state)
{
	static const size_t pieces[] = {0, 1, 1460};

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		http_play_reset(state);
		piece = pieces[i];
		file.size = 20000;
		start();
		give("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		assert_int_equal(sink.announced, SINK_SIZE_UNKNOWN);
		give_chunks(4096);
		expect_done();
		assert_ptr_equal(c.stream, &line);
	}
}

static void test_until_close(void **state)
{
	(void)state;
	start();
	give("HTTP/1.0 200 OK\r\n\r\n");
	give_file(0, 200000);
	assert_int_equal(http_client_status(&c), MACHINE_RUNNING);
	give_end(STREAM_ENDED);
	expect_done();
	assert_null(c.stream);
}

static void test_empty(void **state)
{
	(void)state;
	file.size = 0;
	start();
	give("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect_done();
}

static void test_only_the_size(void **state)
{
	(void)state;
	config.size_only = true;
	config.sink = NULL;
	start();
	expect_request("HEAD /boot/vmlinuz ");
	give(LENGTH_200000 "\r\n");
	assert_int_equal(http_client_status(&c), MACHINE_DONE);
	assert_int_equal(c.mark.size, 200000);
	assert_ptr_equal(c.stream, &line);
}

static void test_a_server_that_does_not_know_head(void **state)
{
	(void)state;
	config.size_only = true;
	config.sink = NULL;
	start();
	give("HTTP/1.1 501 Not Implemented\r\n\r\n");
	assert_int_equal(http_client_status(&c), MACHINE_DONE);
	assert_int_equal(c.mark.size, SINK_SIZE_UNKNOWN);
}

static void test_provisional_answers(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" LENGTH_200000 "\r\n");
	give_file(0, 200000);
	expect_done();
}

// Bytes behind a gap go to their place, but not before the first 64 KiB came in order.
static void test_out_of_order(void **state)
{
	(void)state;
	sink.any_order = true;
	start();
	give(TAGGED);
	assert_int_equal(give_ahead(1460, 1460, 1460), 0);
	give_file(0, 70000);
	assert_int_equal(give_ahead(1000, 71000, 2000), 2000);
	assert_int_equal(give_ahead(129000, 199000, 2000), 1000); // the file ends there
	assert_int_equal(give_ahead(130000, 0, 10), 0);
	give_file(70000, 1000);
	give_placed(2000);
	give_file(73000, 126000);
	give_placed(1000);
	expect_done();
	assert_int_equal(sink.written, 200000);
}

static void test_chunks_come_in_order_only(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n");
	give_file(0, 100000);
	assert_int_equal(give_ahead(10, 100010, 100), 0);
}

// ---- connections

static void test_a_kept_connection_that_was_closed(void **state)
{
	(void)state;
	http_client_start(&c, &config, now);
	line = (struct stream){.ops = line.ops};
	connect_line();
	expect_request("GET ");
	c.used_before = true;
	give_end(STREAM_ENDED);
	connect_line();
	expect_request("GET /boot/vmlinuz");
	give(LENGTH_200000 "\r\n");
	give_file(0, 200000);
	expect_done();
}

// The server says that nobody has asked, or only begins to say so, while the request is on its way.
static void test_a_kept_connection_that_is_being_closed(void **state)
{
	static const char *const farewells[] = {
		"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye",
		"HTTP/1.0 408 Request Time-out\r\nCache-Control: no-cache\r\n\r\n<html>", "HTTP/1.1 408 R"};

	for (size_t i = 0; i < sizeof farewells / sizeof *farewells; i++) {
		http_play_reset(state);
		http_client_start(&c, &config, now);
		connect_line();
		expect_request("GET ");
		c.used_before = true;
		give(farewells[i]);
		if (line.state == STREAM_OPEN)
			give_end(STREAM_ENDED);
		connect_line();
		expect_request("GET /boot/vmlinuz");
		give("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
		expect_fault(FAULT_HTTP_BUSY, "408"); // a new connection is not meant
	}
}

static void test_a_connection_at_rest_is_asked_nothing(void **state)
{
	(void)state;
	start();
	give(LENGTH_200000 "\r\n");
	give_file(0, 200000);
	expect_done();
	assert_int_equal(line.state, STREAM_OPEN);
	give("HTTP/1.1 408 Request Timeout\r\n\r\n");
	assert_int_equal(line.state, STREAM_CLOSED);
	assert_int_equal(aborts, 1);
}

static void test_more_than_was_promised(void **state)
{
	(void)state;
	file.size = 5;
	start();
	give("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	give_file(0, 5);
	expect_done();
	http_play_reset(state);
	file.size = 5;
	start();
	give("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	give_file(0, 9);
	expect_done();
	assert_null(c.stream);
	assert_int_equal(aborts, 1);
}

// ---- redirections

static void test_redirection_on_the_same_server(void **state)
{
	(void)state;
	start();
	expect_request("GET /boot/vmlinuz");
	give("HTTP/1.1 302 Found\r\nLocation: ../other/x?y\r\nContent-Length: 4\r\n\r\nbody");
	expect_request("GET /other/x?y HTTP/1.1\r\nHost: 10.0.0.1\r\n");
	assert_int_equal(connections, 1);
	give(LENGTH_200000 "\r\n");
	give_file(0, 200000);
	expect_done();
}

static void test_redirection_elsewhere(void **state)
{
	(void)state;
	start();
	expect_request("GET ");
	give("HTTP/1.1 308 P\r\nLocation: http://mirror.example:8080/f\r\nContent-Length: 0\r\n\r\n");
	expect_no_request();
	assert_int_equal(line.state, STREAM_CLOSED);
	assert_true(text_is(c.host.at, c.host.length, "mirror.example"));
	assert_int_equal(c.port, 8080);
	connect_line();
	expect_request("GET /f HTTP/1.1\r\nHost: mirror.example:8080\r\n");
}

static void test_redirections_in_a_circle(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < 6; i++) {
		assert_int_equal(http_client_status(&c), MACHINE_RUNNING);
		expect_request("GET /boot/vmlinuz");
		give("HTTP/1.1 301 M\r\nLocation: /boot/vmlinuz\r\nContent-Length: 0\r\n\r\n");
	}
	expect_fault(FAULT_HTTP_REDIRECT, "5 times");
}

static void test_redirections_that_cannot_be_followed(void **state)
{
	static const char *const targets[] = {"https://10.0.0.1/boot/vmlinuz", "ftp://x/y", "http:///x",
		"http://h:99999/"};
	char answer[200];

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		http_play_reset(state);
		start();
		sprintf(answer, "HTTP/1.1 302 F\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", targets[i]);
		give(answer);
		expect_fault(FAULT_HTTP_REDIRECT, targets[i]);
	}
}

// ---- errors

static void test_errors(void **state)
{
	static const struct {
		const char *line;
		enum fault_id id;
	} cases[] = {
		{"404 Not Found", FAULT_HTTP_NOT_FOUND}, {"410 Gone", FAULT_HTTP_NOT_FOUND},
		{"401 Unauthorized", FAULT_HTTP_ACCESS}, {"403 Forbidden", FAULT_HTTP_ACCESS},
		{"400 Bad Request", FAULT_HTTP_ERROR}, {"505 Version", FAULT_HTTP_ERROR},
		{"304 Not Modified", FAULT_HTTP_ERROR}, {"302 Found", FAULT_HTTP_ERROR},
		{"500 Internal Server Error", FAULT_HTTP_BUSY}, {"503 Busy", FAULT_HTTP_BUSY},
	};
	char answer[200];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		http_play_reset(state);
		start();
		sprintf(answer, "HTTP/1.1 %s\r\nContent-Length: 3\r\nRetry-After: 9\r\n\r\nxyz", cases[i].line);
		give(answer);
		expect_fault(cases[i].id, cases[i].line);
		assert_int_equal(c.retry_after, 9);
		assert_int_equal(sink.begins, 0);
		if (c.response.status != 304) // whose content, against the rules, has come too
			assert_ptr_equal(c.stream, &line);
	}
}

static void test_long_error_pages_are_not_read(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 404 N\r\nContent-Length: 100000000\r\n\r\n");
	expect_fault(FAULT_HTTP_NOT_FOUND, "404 N");
	assert_null(c.stream);
	http_play_reset(state);
	start();
	give("HTTP/1.1 404 N\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n");
	give_file(0, 70000);
	expect_fault(FAULT_HTTP_NOT_FOUND, "404 N");
	assert_null(c.stream);
}

static void test_broken_answers(void **state)
{
	static const struct {
		const char *answer, *words;
	} cases[] = {
		{"SSH-2.0-OpenSSH_9.2\r\n", "something that is not HTTP"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
			"two different Content-Lengths"},
		{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "a Content-Length that is none"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
			"a Content-Length that is none"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "a transfer coding"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
			"broken chunks"},
		{"HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n",
			"a part that was not asked for"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		http_play_reset(state);
		start();
		give(cases[i].answer);
		expect_fault(FAULT_HTTP_PROTOCOL, cases[i].words);
		assert_null(c.stream);
	}
}

static void test_a_head_without_end(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 1000 && http_client_status(&c) == MACHINE_RUNNING; i++)
		give("X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	expect_fault(FAULT_HTTP_PROTOCOL, "a head without end");
}

static void test_a_web_page(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 99\r\n\r\n"
	     "<!DOCTYPE html><html>");
	expect_fault(FAULT_HTTP_PAGE, "http://10.0.0.1/boot/vmlinuz");
}

static void test_closed_early(void **state)
{
	(void)state;
	start();
	give_end(STREAM_ENDED);
	expect_fault(FAULT_HTTP_CUT, "before any answer");
	http_play_reset(state);
	start();
	give(TAGGED);
	give_file(0, 50000);
	give_end(STREAM_ENDED);
	expect_fault(FAULT_HTTP_CUT, "after 50000 of 200000 bytes");
	http_play_reset(state);
	start();
	give("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n");
	give_file(0, 5);
	give("\r\n");
	give_end(STREAM_ENDED);
	expect_fault(FAULT_HTTP_CUT, "after 5 bytes");
	http_play_reset(state);
	start();
	give_end(STREAM_FAILED);
	expect_fault(FAULT_UNREACHABLE, "played");
}

static void test_one_byte_in_ten_seconds(void **state)
{
	(void)state;
	start();
	give(TAGGED);
	give_file(0, 5000);
	for (int i = 0; i < 10 && http_client_status(&c) == MACHINE_RUNNING; i++) {
		now += 10000;
		give_file(5000 + (unsigned)i, 1);
	}
	expect_fault(FAULT_HTTP_SLOW, "3 bytes in 30 s");
	assert_int_equal(now, 5000 + 60000);
}

static void test_names_that_are_none(void **state)
{
	static const char *const urls[] = {"https://h/f", "vmlinuz", "http:///f", "tftp://h/f"};

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		http_play_reset(state);
		config.url = urls[i];
		http_client_start(&c, &config, now);
		expect_fault(FAULT_URL_SCHEME, urls[i]);
	}
}

static void test_blanks_and_line_ends_in_a_name(void **state)
{
	(void)state;
	config.url = "http://10.0.0.1/a b\r\nX: y";
	start();
	expect_request("GET /a%20b%0D%0AX:%20y HTTP/1.1\r\n");
}

static void test_too_much_to_escape(void **state)
{
	char url[HTTP_URL] = "http://10.0.0.1/";

	(void)state;
	memset(url + strlen(url), ' ', 400);
	config.url = url;
	start();
	expect_no_request();
	expect_fault(FAULT_URL_SCHEME, "too many characters to escape");
}

// ---- the rest of a file

// A transfer that breaks off after 80000 bytes; then the next one begins where it was.
static struct http_mark mark;

static void break_off(const char *head)
{
	start();
	give(head);
	give_file(0, 80000);
	give_end(STREAM_ENDED);
	expect_fault(FAULT_HTTP_CUT, "after 80000");
	mark = c.mark;
	config.mark = &mark;
	expect_request("GET ");
	start();
}

static void test_the_rest(void **state)
{
	(void)state;
	break_off(TAGGED);
	expect_request("Range: bytes=80000-\r\nIf-Range: \"a-1\"\r\n");
	give(REST(80000, 200000) "Content-Length: 120000\r\nETag: \"a-1\"\r\n\r\n");
	give_file(80000, 120000);
	expect_done();
	assert_false(c.begun_again);
	assert_int_equal(sink.begins, 1);
	assert_int_equal(sink.written, 200000);
}

static void test_the_rest_from_another_server(void **state)
{
	(void)state;
	config.other_server = true;
	break_off(TAGGED);
	expect_request("If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	give(REST(80000, 200000) "Content-Length: 120000\r\nETag: \"b-9\"\r\n\r\n");
	give_file(80000, 120000);
	expect_done();
	assert_int_equal(sink.begins, 1);
}

static void test_the_whole_instead(void **state)
{
	(void)state;
	break_off(TAGGED);
	give(TAGGED);
	give_file(0, 200000);
	expect_done();
	assert_true(c.begun_again);
	assert_int_equal(sink.begins, 2);
}

static void test_a_rest_that_does_not_fit(void **state)
{
	static const char *const heads[] = {
		REST(80000, 200001) "Content-Length: 120000\r\n\r\n",
		REST(70000, 200000) "Content-Length: 130000\r\n\r\n",
		REST(80000, 200000) "Content-Length: 100000\r\n\r\n",
		REST(80000, 200000) "Content-Length: 120000\r\nETag: \"a-2\"\r\n\r\n",
		REST(80000, 200000) "Content-Length: 120000\r\nLast-Modified: x\r\n\r\n",
		"HTTP/1.1 206 P\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n",
		"HTTP/1.1 416 R\r\nContent-Length: 100000000\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		http_play_reset(state);
		break_off(TAGGED);
		expect_request("Range: ");
		give(heads[i]);
		connect_line();
		expect_request("GET ");
		assert_null(strstr(request, "Range"));
		give(TAGGED);
		give_file(0, 200000);
		expect_done();
		assert_true(c.begun_again);
	}
}

static void test_a_weak_tag_is_no_tag(void **state)
{
	(void)state;
	break_off(LENGTH_200000 "ETag: W/\"a\"\r\n\r\n");
	expect_request("Range: bytes=80000-\r\n\r\n");
	give(REST(80000, 200000) "Content-Length: 120000\r\n\r\n");
	give_file(80000, 120000);
	expect_done();
}

// Neither its size nor a tag or date: what came first may be of another file than the rest.
static void test_a_file_of_which_nothing_is_known(void **state)
{
	(void)state;
	start();
	give("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13880\r\n");
	give_file(0, 80000);
	give_end(STREAM_ENDED);
	expect_fault(FAULT_HTTP_CUT, "after 80000");
	mark = c.mark;
	config.mark = &mark;
	expect_request("GET ");
	start();
	expect_request("GET ");
	assert_null(strstr(request, "Range"));
	give(TAGGED);
	give_file(0, 200000);
	expect_done();
	assert_true(c.begun_again);
}

// ---- pieces

static const struct http_mark piece_mark = {.received = 80000, .size = 200000, .tag = "\"a-1\""};

static void start_piece(void)
{
	config.mark = &piece_mark;
	config.until = 90000;
	sink.received = 80000; // by others
	sink.any_order = true;
	start();
	expect_request("Range: bytes=80000-89999\r\nIf-Range: \"a-1\"\r\n");
}

#define PIECE "HTTP/1.1 206 P\r\nContent-Range: bytes 80000-89999/200000\r\n"

static void test_a_piece(void **state)
{
	(void)state;
	start_piece();
	give(PIECE "Content-Length: 10000\r\nETag: \"a-1\"\r\n\r\n");
	give_file(80000, 4000);
	assert_int_equal(give_ahead(1000, 85000, 5000), 5000);
	give_file(84000, 1000);
	give_placed(5000);
	assert_int_equal(http_client_status(&c), MACHINE_DONE);
	assert_int_equal(sink.begins + sink.commits, 0);
	assert_int_equal(sink.received, 90000);
	assert_ptr_equal(c.stream, &line); // for the next one
	assert_false(sink.wrong);
}

static void test_answers_that_are_not_the_piece(void **state)
{
	static const char *const answers[] = {LENGTH_200000 "\r\n", PIECE "Content-Length: 9999\r\n\r\n",
		REST(80000, 200000) "Content-Length: 120000\r\n\r\n",
		PIECE "Content-Length: 10000\r\nETag: \"a-2\"\r\n\r\n", PIECE "\r\n",
		PIECE "Transfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 206 P\r\nContent-Range: bytes 80000-89999/200001\r\nContent-Length: 10000\r\n\r\n",
		"HTTP/1.1 416 R\r\nContent-Range: bytes */200000\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		http_play_reset(state);
		start_piece();
		give(answers[i]);
		expect_fault(FAULT_HTTP_PROTOCOL, "another part than was asked for");
		expect_no_request();
		assert_null(c.stream);
		assert_int_equal(sink.begins + sink.commits + sink.written, 0);
	}
}

// The rest has come in pieces, through other machines.
static void test_others_bring_the_rest(void **state)
{
	uint8_t bytes[1000];
	struct fault fault;

	(void)state;
	start();
	give(TAGGED);
	give_file(0, 199000);
	sim_file_read(&file, 199000, bytes, sizeof bytes);
	assert_true(sink.sink.ops->write(&sink.sink, 199000, bytes, sizeof bytes, &fault));
	http_client_enough(&c, now);
	expect_done();
	assert_int_equal(c.mark.received, 200000);
	assert_null(c.stream);
	assert_int_equal(aborts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_length, http_play_reset),
		cmocka_unit_test_setup(test_head_and_body_in_one_packet, http_play_reset),
		cmocka_unit_test_setup(test_chunks, http_play_reset),
		cmocka_unit_test_setup(test_until_close, http_play_reset),
		cmocka_unit_test_setup(test_empty, http_play_reset),
		cmocka_unit_test_setup(test_only_the_size, http_play_reset),
		cmocka_unit_test_setup(test_a_server_that_does_not_know_head, http_play_reset),
		cmocka_unit_test_setup(test_provisional_answers, http_play_reset),
		cmocka_unit_test_setup(test_out_of_order, http_play_reset),
		cmocka_unit_test_setup(test_chunks_come_in_order_only, http_play_reset),
		cmocka_unit_test_setup(test_a_kept_connection_that_was_closed, http_play_reset),
		cmocka_unit_test_setup(test_a_kept_connection_that_is_being_closed, http_play_reset),
		cmocka_unit_test_setup(test_a_connection_at_rest_is_asked_nothing, http_play_reset),
		cmocka_unit_test_setup(test_more_than_was_promised, http_play_reset),
		cmocka_unit_test_setup(test_redirection_on_the_same_server, http_play_reset),
		cmocka_unit_test_setup(test_redirection_elsewhere, http_play_reset),
		cmocka_unit_test_setup(test_redirections_in_a_circle, http_play_reset),
		cmocka_unit_test_setup(test_redirections_that_cannot_be_followed, http_play_reset),
		cmocka_unit_test_setup(test_errors, http_play_reset),
		cmocka_unit_test_setup(test_long_error_pages_are_not_read, http_play_reset),
		cmocka_unit_test_setup(test_broken_answers, http_play_reset),
		cmocka_unit_test_setup(test_a_head_without_end, http_play_reset),
		cmocka_unit_test_setup(test_a_web_page, http_play_reset),
		cmocka_unit_test_setup(test_closed_early, http_play_reset),
		cmocka_unit_test_setup(test_one_byte_in_ten_seconds, http_play_reset),
		cmocka_unit_test_setup(test_names_that_are_none, http_play_reset),
		cmocka_unit_test_setup(test_blanks_and_line_ends_in_a_name, http_play_reset),
		cmocka_unit_test_setup(test_too_much_to_escape, http_play_reset),
		cmocka_unit_test_setup(test_the_rest, http_play_reset),
		cmocka_unit_test_setup(test_the_rest_from_another_server, http_play_reset),
		cmocka_unit_test_setup(test_the_whole_instead, http_play_reset),
		cmocka_unit_test_setup(test_a_rest_that_does_not_fit, http_play_reset),
		cmocka_unit_test_setup(test_a_weak_tag_is_no_tag, http_play_reset),
		cmocka_unit_test_setup(test_a_file_of_which_nothing_is_known, http_play_reset),
		cmocka_unit_test_setup(test_a_piece, http_play_reset),
		cmocka_unit_test_setup(test_answers_that_are_not_the_piece, http_play_reset),
		cmocka_unit_test_setup(test_others_bring_the_rest, http_play_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
