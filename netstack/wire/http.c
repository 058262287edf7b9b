// SPDX-License-Identifier: BSD-2-Clause
// HTTP/1.1 messages. A head is read line by line where it lies; lines end at LF, with or without a CR
// (RFC 9112 section 2.2). A line that begins with a blank continues the one before; such lines are
// skipped, so that a field which needs them counts as malformed. Content codings are not undone: none
// is asked for, and servers that call a compressed initrd "gzip-encoded" mean the file as it is.
#include "netstack/wire/http.h"
#include "netstack/base/memory.h"

enum {
	OVERHEAD_MAX = 8192, // bytes of chunk extensions and trailers
	DIGITS_MAX = 16,     // of a chunk's size
};

// ---- requests

static void put(struct writer *w, const char *text)
{
	write_bytes(w, text, strlen(text));
}

static void put_number(struct writer *w, uint64_t n)
{
	char buffer[24];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "%llu", (unsigned long long)n);
	write_bytes(w, buffer, t.length);
}

void http_write_request(struct writer *w, const struct http_request *r)
{
	put(w, r->method == HTTP_HEAD ? "HEAD " : "GET ");
	if (!r->path.length || r->path.at[0] != '/')
		put(w, "/");
	write_bytes(w, r->path.at, r->path.length);
	put(w, " HTTP/1.1\r\nHost: ");
	write_bytes(w, r->host.at, r->host.length);
	if (r->port && r->port != 80) {
		put(w, ":");
		put_number(w, r->port);
	}
	put(w, "\r\nUser-Agent: lanyard\r\nAccept-Encoding: identity\r\nConnection: keep-alive\r\n");
	if (r->from) {
		put(w, "Range: bytes=");
		put_number(w, r->from);
		put(w, "-");
		if (r->until)
			put_number(w, r->until - 1);
		put(w, r->if_range[0] ? "\r\nIf-Range: " : "");
		put(w, r->if_range);
		put(w, "\r\n");
	}
	put(w, "\r\n");
}

// ---- heads

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text_view trim(const char *at, size_t length)
{
	while (length && blank(*at)) {
		at++;
		length--;
	}
	while (length && blank(at[length - 1]))
		length--;
	return (struct text_view){at, length};
}

// The next line, without its end; *left shrinks.
static struct text_view next_line(struct text_view *left)
{
	struct text_view line = {left->at, 0};

	while (line.length < left->length && line.at[line.length] != '\n')
		line.length++;
	left->at += line.length + (line.length < left->length);
	left->length -= line.length + (line.length < left->length);
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	return line;
}

// *line counts the characters of the present line; where there is none yet it is not an empty one.
size_t http_head_end(size_t *line, const void *bytes, size_t length)
{
	const char *text = bytes;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' && *line == 0)
			return i + 1;
		if (text[i] == '\n')
			*line = 0;
		else if (text[i] != '\r')
			++*line;
	}
	return 0;
}

size_t http_head_length(const void *bytes, size_t length)
{
	size_t line = HTTP_HEAD_START;

	return http_head_end(&line, bytes, length);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// HTTP/1.1 200 OK
static bool read_status_line(struct http_response *r, struct text_view line)
{
	if (line.length < 12 || !text_is(line.at, 7, "HTTP/1.") || !is_digit(line.at[7]) ||
		line.at[8] != ' ' || (line.length > 12 && line.at[12] != ' '))
		return false;
	for (int i = 9; i < 12; i++) {
		if (!is_digit(line.at[i]))
			return false;
		r->status = r->status * 10 + (unsigned)(line.at[i] - '0');
	}
	r->keep = line.at[7] != '0';
	r->reason = trim(line.at + 12, line.length - 12);
	return r->status >= 100 && r->status <= 599;
}

// The part of a list before its next comma, taken away from the list. False at its end.
static bool next_item(struct text_view *list, struct text_view *item)
{
	size_t i = 0;

	if (!list->at)
		return false;
	while (i < list->length && list->at[i] != ',')
		i++;
	*item = trim(list->at, i);
	if (i == list->length)
		list->at = NULL;
	else
		*list = (struct text_view){list->at + i + 1, list->length - i - 1};
	return true;
}

// Below 2^63.
static bool read_number(struct text_view v, uint64_t *n)
{
	return text_u64(v.at, v.length, 10, n) && *n >> 63 == 0;
}

// Several equal values count as one (RFC 9112 section 6.3).
static void read_length(struct http_response *r, struct text_view value)
{
	struct text_view item;
	uint64_t n;

	while (next_item(&value, &item)) {
		if (!read_number(item, &n))
			r->wrong = "a Content-Length that is none";
		else if (r->length != HTTP_UNKNOWN && r->length != n)
			r->wrong = "two different Content-Lengths";
		else
			r->length = n;
	}
}

static void read_coding(struct http_response *r, struct text_view value)
{
	if (r->body == HTTP_BODY_CHUNKED || !text_is(value.at, value.length, "chunked"))
		r->wrong = "a transfer coding that is not 'chunked'";
	r->body = HTTP_BODY_CHUNKED;
}

// bytes 500-999/1234, bytes 500-999/*, bytes */1234
static void read_range(struct http_response *r, struct text_view v)
{
	size_t dash = 6, slash = 6;

	if (v.length < 6 || !text_is(v.at, 5, "bytes") || v.at[5] != ' ' || r->ranged)
		return;
	while (slash < v.length && v.at[slash] != '/')
		slash++;
	while (dash < slash && v.at[dash] != '-')
		dash++;
	r->total = HTTP_UNKNOWN;
	if (slash + 1 < v.length && v.at[slash + 1] != '*' &&
		!read_number((struct text_view){v.at + slash + 1, v.length - slash - 1}, &r->total))
		r->wrong = "a Content-Range that is none";
	if (dash == slash)
		return;
	r->ranged = read_number((struct text_view){v.at + 6, dash - 6}, &r->first) &&
		    read_number((struct text_view){v.at + dash + 1, slash - dash - 1}, &r->last) &&
		    r->first <= r->last && r->last < r->total;
	if (!r->ranged)
		r->wrong = "a Content-Range that is none";
}

static void read_connection(struct http_response *r, struct text_view value)
{
	struct text_view item;

	while (next_item(&value, &item)) {
		if (text_is(item.at, item.length, "close"))
			r->keep = false;
		else if (text_is(item.at, item.length, "keep-alive"))
			r->keep = true;
	}
}

static void read_field(struct http_response *r, struct text_view name, struct text_view value)
{
	const struct {
		const char *name;
		struct text_view *to;
	} texts[] = {{"ETag", &r->etag}, {"Last-Modified", &r->last_modified},
		{"Location", &r->location}, {"Content-Type", &r->content_type}};
	uint64_t seconds;

	if (text_is(name.at, name.length, "Content-Length"))
		read_length(r, value);
	else if (text_is(name.at, name.length, "Transfer-Encoding"))
		read_coding(r, value);
	else if (text_is(name.at, name.length, "Content-Range"))
		read_range(r, value);
	else if (text_is(name.at, name.length, "Connection"))
		read_connection(r, value);
	else if (text_is(name.at, name.length, "Retry-After") && read_number(value, &seconds))
		r->retry_after = seconds > 86400 ? 86400 : (uint32_t)seconds;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (text_is(name.at, name.length, texts[i].name) && !texts[i].to->at)
			*texts[i].to = value;
}

// How the body is to be read (RFC 9112 section 6.3).
static void choose_body(struct http_response *r, enum http_method method)
{
	bool chunked = r->body == HTTP_BODY_CHUNKED;

	if (method == HTTP_HEAD || r->status < 200 || r->status == 204 || r->status == 304)
		r->body = HTTP_BODY_NONE;
	else if (!chunked)
		r->body = r->length == HTTP_UNKNOWN ? HTTP_BODY_CLOSE : HTTP_BODY_LENGTH;
	if (chunked && r->length != HTTP_UNKNOWN) { // a sign of trouble: chunks count
		r->length = HTTP_UNKNOWN;
		r->keep = false;
	}
	if (r->body == HTTP_BODY_CLOSE)
		r->keep = false;
}

bool http_read_response(struct http_response *r, const void *head, size_t length,
	enum http_method method)
{
	struct text_view left = {head, length};

	*r = (struct http_response){.length = HTTP_UNKNOWN, .total = HTTP_UNKNOWN};
	if (!read_status_line(r, next_line(&left)))
		r->wrong = "no HTTP status line";
	while (left.length && !r->wrong) {
		struct text_view line = next_line(&left);
		size_t colon = 0;

		while (colon < line.length && line.at[colon] != ':')
			colon++;
		if (colon < line.length && !blank(line.at[0]))
			read_field(r, (struct text_view){line.at, colon},
				trim(line.at + colon + 1, line.length - colon - 1));
	}
	choose_body(r, method);
	return !r->wrong;
}

// ---- chunks

enum chunk_state {
	CHUNK_SIZE,      // hexadecimal digits
	CHUNK_EXTENSION, // the rest of that line
	CHUNK_DATA,
	CHUNK_END,       // the line end behind the data
	CHUNK_TRAILER,   // at the begin of a line behind the last chunk
	CHUNK_TRAILER_LINE,
};

static int digit_of(uint8_t c)
{
	if (is_digit((char)c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// `overhead` counts the digits of a size too; the line that has none is no size.
static void size_byte(struct http_chunks *c, uint8_t byte)
{
	int digit = digit_of(byte);

	if (digit >= 0 && c->left >> 59 == 0 && c->overhead < DIGITS_MAX) {
		c->left = c->left << 4 | (unsigned)digit;
		c->overhead++;
	} else if (digit >= 0 || c->overhead == 0) {
		c->failed = true;
	} else if (byte == '\n') {
		c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER;
		c->overhead = 0;
	} else if (byte == ';' || blank((char)byte) || byte == '\r') {
		c->state = CHUNK_EXTENSION;
	} else {
		c->failed = true;
	}
}

static void line_byte(struct http_chunks *c, uint8_t byte)
{
	switch (c->state) {
	case CHUNK_SIZE:
		size_byte(c, byte);
		return;
	case CHUNK_EXTENSION:
		if (byte == '\n') {
			c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER;
			c->overhead = 0;
		}
		break;
	case CHUNK_END:
		if (byte == '\n')
			c->state = CHUNK_SIZE;
		else if (byte != '\r')
			c->failed = true;
		return;
	case CHUNK_TRAILER:
		c->done = byte == '\n';
		if (byte != '\r')
			c->state = CHUNK_TRAILER_LINE;
		break;
	default:
		if (byte == '\n')
			c->state = CHUNK_TRAILER;
	}
	if (++c->overhead > OVERHEAD_MAX)
		c->failed = true;
}

size_t http_chunks_read(struct http_chunks *c, const uint8_t *bytes, size_t length,
	struct text_view *data)
{
	size_t at = 0;

	*data = (struct text_view){NULL, 0};
	while (at < length && !c->done && !c->failed && c->state != CHUNK_DATA)
		line_byte(c, bytes[at++]);
	if (c->state == CHUNK_DATA && at < length) {
		size_t take = length - at;

		if (take > c->left)
			take = (size_t)c->left;
		*data = (struct text_view){(const char *)bytes + at, take};
		c->left -= take;
		if (!c->left)
			c->state = CHUNK_END;
		at += take;
	}
	return at;
}
