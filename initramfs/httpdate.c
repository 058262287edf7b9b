// SPDX-License-Identifier: BSD-2-Clause
// Of RFC 9110's three forms of a date only IMF-fixdate is read: the other two may not be sent any more.
#include "initramfs/httpdate.h"

#include "netstack/base/text.h"

#include <string.h>

enum { DATE = 29 }; // characters

static bool number(const char *at, size_t length, uint32_t most, uint32_t *value)
{
	return text_u32(at, length, 10, value) && *value <= most;
}

static uint32_t month_of(const char *at)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (uint32_t i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, at, 3) == 0)
			return i + 1;
	return 0;
}

// Days from 1 January 1970. A year begins in March here, so that its leap day is its last.
static uint64_t days_to(uint32_t year, uint32_t month, uint32_t day)
{
	uint64_t y = month > 2 ? year : year - 1;
	uint64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
static bool read_date(const char *at, uint64_t *seconds)
{
	static const char pattern[DATE + 1] = "   , ## ... #### ##:##:## GMT";
	uint32_t day, month = month_of(at + 8), year, hour, minute, second;

	for (size_t i = 0; i < DATE; i++)
		if (strchr(",: GMT", pattern[i]) && i > 2 && pattern[i] != at[i])
			return false;
	if (!month || !number(at + 5, 2, 31, &day) || !day || !number(at + 12, 4, 9999, &year) ||
		year < 1970 || !number(at + 17, 2, 23, &hour) || !number(at + 20, 2, 59, &minute) ||
		!number(at + 23, 2, 60, &second))
		return false;
	*seconds = ((days_to(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}

bool httpdate_read(const char *head, size_t length, uint64_t *seconds)
{
	struct text_view rest = {head, length};
	struct text_view line = text_field(&rest, '\n');

	if (line.length < 12 || memcmp(line.at, "HTTP/1.", 7) != 0)
		return false;
	while (rest.length) {
		line = text_field(&rest, '\n');
		if (line.length < 5 || !text_is(line.at, 5, "date:"))
			continue;
		for (line.at += 5, line.length -= 5; line.length && *line.at == ' '; line.length--)
			line.at++;
		return line.length >= DATE && read_date(line.at, seconds);
	}
	return false;
}
