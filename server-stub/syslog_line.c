// SPDX-License-Identifier: BSD-2-Clause
//   <134>1 - 192.168.2.50 lanyard - kernel [lanyard@32473 mac="52:54:00:12:34:56" ms="87"] words
//   pri    time host     app   process id  structured data                                 RFC 5424
//   <13>Nov 22 10:00:00 host app: words                                                     RFC 3164
#include "server-stub/syslog_line.h"

#include <string.h>

enum { PRIORITY_MAX = 191, SEVERITIES = 8, MAC_TEXT = 17 };

// A view that is consumed from its front.
struct rest {
	const char *at, *end;
};

static struct text_view take_until(struct rest *r, char stop)
{
	struct text_view word = {r->at, 0};

	while (r->at < r->end && *r->at != stop)
		r->at++;
	word.length = (size_t)(r->at - word.at);
	r->at += r->at < r->end;
	return word;
}

static bool read_priority(struct rest *r, uint32_t *priority)
{
	struct text_view digits;

	if (r->at == r->end || *r->at++ != '<')
		return false;
	digits = take_until(r, '>');
	return digits.length <= 3 && text_u32(digits.at, digits.length, 10, priority) &&
	       *priority <= PRIORITY_MAX;
}

static void copy(char *to, size_t size, struct text_view from)
{
	struct text t = text_of(to, size);

	if (!text_is(from.at, from.length, "-"))
		text_foreign(&t, from.at, from.length);
}

static bool is_mac(struct text_view v)
{
	if (v.length != MAC_TEXT)
		return false;
	for (size_t i = 0; i < MAC_TEXT; i++)
		if (i % 3 == 2 ? v.at[i] != ':' : !memchr("0123456789abcdef", v.at[i], 16))
			return false;
	return true;
}

// A parameter's value, between quotation marks: `\"`, `\\` and `\]` are escaped in it.
static struct text_view take_value(struct rest *r)
{
	struct text_view value = {r->at, 0};

	while (r->at < r->end && *r->at != '"')
		r->at += *r->at == '\\' && r->end - r->at > 1 ? 2 : 1;
	value.length = (size_t)(r->at - value.at);
	r->at += r->at < r->end;
	return value;
}

// One element behind its '[', to its ']'.
static void take_element(struct rest *r, struct syslog_line *l)
{
	const char *name = r->at;

	while (r->at < r->end && *r->at != ']') {
		char c = *r->at++;

		if (c == ' ') {
			name = r->at;
		} else if (c == '"') {
			size_t length = (size_t)(r->at - name);
			struct text_view value = take_value(r);

			if (text_is(name, length, "mac=\"") && is_mac(value))
				copy(l->mac, sizeof l->mac, value);
		}
	}
	r->at += r->at < r->end;
}

static void take_data(struct rest *r, struct syslog_line *l)
{
	if (r->at < r->end && *r->at == '-')
		r->at++;
	while (r->at < r->end && *r->at == '[') {
		r->at++;
		take_element(r, l);
	}
}

static void read_5424(struct rest *r, struct syslog_line *l)
{
	take_until(r, ' '); // the version
	take_until(r, ' '); // time: the log has its own
	take_until(r, ' '); // host: the datagram has come from it
	copy(l->app, sizeof l->app, take_until(r, ' '));
	take_until(r, ' ');
	take_until(r, ' ');
	take_data(r, l);
	if (r->end - r->at > 3 && memcmp(r->at, " \xef\xbb\xbf", 4) == 0)
		r->at += 4; // "this is UTF-8"
}

bool syslog_line_read(struct syslog_line *l, const void *message, size_t length)
{
	struct rest r = {message, (const char *)message + length};
	struct text words = text_of(l->words, sizeof l->words);
	uint32_t priority;

	memset(l, 0, sizeof *l);
	if (!read_priority(&r, &priority))
		return false;
	l->severity = priority % SEVERITIES;
	if (r.end - r.at > 1 && r.at[0] == '1' && r.at[1] == ' ')
		read_5424(&r, l);
	while (r.at < r.end && *r.at == ' ')
		r.at++;
	while (r.end > r.at && (unsigned char)r.end[-1] <= ' ')
		r.end--;
	text_foreign(&words, r.at, (size_t)(r.end - r.at));
	l->lanyard = !strcmp(l->app, "lanyard") || !strcmp(l->app, "lanyard-init");
	return words.length > 0;
}
