// SPDX-License-Identifier: BSD-2-Clause
// URLs, RFC 3986: the parts are cut at the characters of appendix B; references are merged by section
// 5.2.2, dot segments removed by 5.2.4, but in place and from the left.
#include "netstack/wire/url.h"
#include "netstack/base/memory.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Characters before the ':' that ends a scheme; 0: there is none.
static size_t scheme_length(const char *text)
{
	size_t i = 0;

	if (!is_alpha(text[0]))
		return 0;
	while (is_alpha(text[i]) || (text[i] >= '0' && text[i] <= '9') || text[i] == '+' ||
		text[i] == '-' || text[i] == '.')
		i++;
	return text[i] == ':' ? i : 0;
}

// Characters before the first of `stops` or the end.
static size_t until(const char *text, const char *stops)
{
	size_t i = 0;

	for (; text[i]; i++)
		for (const char *stop = stops; *stop; stop++)
			if (text[i] == *stop)
				return i;
	return i;
}

// [user@]host[:port]
static bool read_authority(struct url *u, const char *at, size_t length)
{
	size_t colon = length;
	uint32_t port;

	for (size_t i = length; i > 0; i--) {
		if (at[i - 1] == '@') {
			at += i;
			length -= i;
			break;
		}
	}
	for (colon = length; colon > 0 && at[colon - 1] != ':' && at[colon - 1] != ']'; colon--)
		;
	if (colon == 0 || at[colon - 1] == ']') {
		u->host = (struct text_view){at, length};
		return true;
	}
	u->host = (struct text_view){at, colon - 1};
	if (colon == length) // "host:" has the scheme's port (section 3.2.3)
		return true;
	if (!text_u32(at + colon, length - colon, 10, &port) || port == 0 || port > 65535)
		return false;
	u->port = (uint16_t)port;
	return true;
}

bool url_read(struct url *u, const char *text)
{
	size_t scheme = scheme_length(text);
	const char *authority = text + scheme + 3;
	size_t length;

	*u = (struct url){0};
	if (!scheme || text[scheme + 1] != '/' || text[scheme + 2] != '/')
		return false;
	u->scheme = (struct text_view){text, scheme};
	length = until(authority, "/?#");
	u->path = (struct text_view){authority + length, until(authority + length, "#")};
	return read_authority(u, authority, length);
}

// Removes the "." and ".." segments of the path that begins at `start` and ends before a query.
static void remove_dots(struct text *t, size_t start)
{
	char *path = t->start + start;
	size_t length = t->length - start, in = 0, out = 0, end = 0;

	while (end < length && path[end] != '?')
		end++;
	while (in < end) { // path[in] is the '/' before a segment
		size_t next = in + 1;

		while (next < end && path[next] != '/')
			next++;
		if (next - in == 2 && path[in + 1] == '.') {
			if (next == end)
				path[out++] = '/';
		} else if (next - in == 3 && path[in + 1] == '.' && path[in + 2] == '.') {
			while (out > 0 && path[--out] != '/')
				;
			if (next == end)
				path[out++] = '/';
		} else {
			memmove(path + out, path + in, next - in);
			out += next - in;
		}
		in = next;
	}
	memmove(path + out, path + end, length - end);
	t->length = start + out + (length - end);
	t->start[t->length] = 0;
}

// Characters of a path up to and with its last '/' before the query.
static size_t directory(const struct text_view *path)
{
	size_t length = 0;

	for (size_t i = 0; i < path->length && path->at[i] != '?'; i++)
		if (path->at[i] == '/')
			length = i + 1;
	return length;
}

static size_t before_query(const struct text_view *path)
{
	size_t i = 0;

	while (i < path->length && path->at[i] != '?')
		i++;
	return i;
}

bool url_merge(struct text *to, const char *base, const char *reference)
{
	size_t length = until(reference, "#"), start;
	struct url b, r;

	start = scheme_length(reference);
	if (!url_read(&b, base))
		return false;
	if (start && reference[start + 1] == '/' && reference[start + 2] == '/') {
		if (!url_read(&r, reference))
			return false;
		start = to->length + (size_t)(r.path.at - reference);
		text_append(to, reference, length);
	} else if (reference[0] == '/' && reference[1] == '/') {
		text_append(to, b.scheme.at, b.scheme.length + 1);
		start = to->length + 2 + until(reference + 2, "/?#");
		text_append(to, reference, length);
	} else {
		text_append(to, base, (size_t)(b.path.at - base));
		start = to->length;
		if (reference[0] != '/')
			text_append(to, b.path.at, reference[0] == '?' ? before_query(&b.path)
							: length ? directory(&b.path) : b.path.length);
		if (to->length == start && reference[0] != '/')
			text_putc(to, '/');
		text_append(to, reference, length);
	}
	if (!to->cut)
		remove_dots(to, start);
	return true;
}

void url_decode(struct text *to, const char *text, size_t length)
{
	uint32_t byte;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%' && length - i > 2 && text_u32(text + i + 1, 2, 16, &byte) && byte) {
			text_putc(to, (char)byte);
			i += 2;
		} else {
			text_putc(to, text[i]);
		}
	}
}

void url_encode(struct text *to, const char *text, size_t length)
{
	static const char never[] = "\"<>\\^`{|}";
	uint32_t byte;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		bool escape = c <= ' ' || c >= 0x7f; // bytes from 0x80 on are below 0 where char is signed

		if (c == '%')
			escape = length - i < 3 || !text_u32(text + i + 1, 2, 16, &byte);
		for (const char *n = never; *n; n++)
			escape |= c == *n;
		if (escape)
			text_format(to, "%%%02X", (uint8_t)c);
		else
			text_putc(to, c);
	}
}
