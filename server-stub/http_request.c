// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/http_request.h"
#include "netstack/base/text.h"

#include <string.h>
#include <strings.h>
#include <time.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The path of "http://host/path".
static const char *path_of(const char *target)
{
	const char *host = strncasecmp(target, "http://", 7) == 0 ? target + 7 : NULL;

	return host ? host + strcspn(host, "/") : target;
}

bool http_path(const char *target, char *to, size_t size)
{
	size_t length = 0;

	for (const char *at = path_of(target); *at; at++) {
		char c = *at;

		if (c == '%') {
			int high = digit(at[1]), low = high < 0 ? -1 : digit(at[2]);

			c = low < 0 ? 0 : (char)(high << 4 | low);
			if (c == 0)
				return false;
			at += 2;
		}
		if (length + 1 >= size)
			return false;
		to[length++] = c;
	}
	to[length] = 0;
	return true;
}

// ---- ranges ----------------------------------------------------------------------------------

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

// A run of digits, which may be too large for any file; NULL where there is none.
static const char *read_number(const char *at, uint64_t *number)
{
	size_t digits = strspn(at, "0123456789");

	if (digits == 0)
		return NULL;
	if (!text_u64(at, digits, 10, number))
		*number = UINT64_MAX;
	return at + digits;
}

static enum http_range suffix_range(uint64_t wanted, uint64_t size, uint64_t *first, uint64_t *length)
{
	if (wanted == 0 || size == 0)
		return HTTP_RANGE_UNSATISFIABLE;
	*length = wanted < size ? wanted : size;
	*first = size - *length;
	return HTTP_RANGE_PART;
}

enum http_range http_range(const char *field, uint64_t size, uint64_t *first, uint64_t *length)
{
	uint64_t last = UINT64_MAX;
	const char *at;

	if (!field || strncasecmp(field, "bytes=", 6) != 0)
		return HTTP_RANGE_NONE;
	at = skip_blanks(field + 6);
	if (*at == '-') {
		at = read_number(at + 1, &last);
		if (!at || *skip_blanks(at))
			return HTTP_RANGE_NONE;
		return suffix_range(last, size, first, length);
	}
	at = read_number(at, first);
	if (!at || *at++ != '-')
		return HTTP_RANGE_NONE;
	if (*at >= '0' && *at <= '9')
		at = read_number(at, &last);
	if (*skip_blanks(at) || last < *first)
		return HTTP_RANGE_NONE;
	if (*first >= size)
		return HTTP_RANGE_UNSATISFIABLE;
	*length = (last < size - 1 ? last : size - 1) - *first + 1;
	return HTTP_RANGE_PART;
}

// ---- tags and dates --------------------------------------------------------------------------

bool http_tag_listed(const char *field, const char *tag)
{
	size_t length = strlen(tag);

	for (const char *at = field; at && *at; at += strcspn(at, ",")) {
		at += strspn(at, " \t,");
		if (strcmp(at, "*") == 0)
			return true;
		if (strncmp(at, "W/", 2) == 0)
			at += 2;
		if (strncmp(at, tag, length) == 0)
			return true;
		if (*at == '"') { // a comma may stand in a tag
			at += 1 + strcspn(at + 1, "\"");
			at += *at == '"';
		}
	}
	return false;
}

void http_date(int64_t when, char to[HTTP_DATE])
{
	time_t seconds = when;
	struct tm t;

	if (!gmtime_r(&seconds, &t) || strftime(to, HTTP_DATE, "%a, %d %b %Y %H:%M:%S GMT", &t) == 0)
		*to = 0;
}

bool http_date_read(const char *text, int64_t *when)
{
	struct tm t = {0};
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &t);

	if (!end || *end)
		return false;
	*when = timegm(&t);
	return true;
}

// ---- types -----------------------------------------------------------------------------------

const char *http_content_type(const char *name)
{
	static const struct {
		const char *suffix, *type;
	} types[] = {
		{".efi", "application/efi"},
		{".iso", "application/vnd.efi-iso"},
		{".img", "application/vnd.efi-img"},
		{".cfg", "text/plain; charset=utf-8"},
		{".conf", "text/plain; charset=utf-8"},
		{".txt", "text/plain; charset=utf-8"},
		{".ipxe", "text/plain; charset=utf-8"},
		{".html", "text/html; charset=utf-8"},
		{".json", "application/json"},
	};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t tail = strlen(types[i].suffix);

		if (length >= tail && strcasecmp(name + length - tail, types[i].suffix) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}
