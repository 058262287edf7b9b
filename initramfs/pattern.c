// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/pattern.h"

#include <stddef.h>

// Behind the bracket that closes the set which begins at `at`; NULL if none does. A bracket that stands
// first belongs to the set.
static const char *set_end(const char *at)
{
	at += *at == '!';
	if (*at == ']')
		at++;
	while (*at && *at != ']')
		at++;
	return *at ? at + 1 : NULL;
}

static bool in_set(const char *at, const char *end, char c)
{
	bool other = *at == '!', found = false;

	for (at += other; at < end - 1; at++) {
		bool range = at[1] == '-' && at + 2 < end - 1;

		found |= range ? at[0] <= c && c <= at[2] : *at == c;
		at += range ? 2 : 0;
	}
	return found != other;
}

// Where the pattern goes on if its beginning describes `c`; NULL if it does not.
static const char *step(const char *pattern, char c)
{
	const char *end = *pattern == '[' ? set_end(pattern + 1) : NULL;

	if (end)
		return in_set(pattern + 1, end, c) ? end : NULL;
	return *pattern && (*pattern == '?' || *pattern == c) ? pattern + 1 : NULL;
}

// After a mismatch the last '*' takes one character more; those before it need not change.
bool pattern_match(const char *pattern, const char *text)
{
	const char *star = NULL, *taken = NULL, *next;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			taken = text;
		} else if ((next = step(pattern, *text))) {
			pattern = next;
			text++;
		} else if (star) {
			pattern = star;
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
