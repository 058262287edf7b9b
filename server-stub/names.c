// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/names.h"
#include "netstack/base/text.h"

#include <string.h>

static bool garbage(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f || (unsigned char)c == 0xff;
}

bool name_clean(const char *sent, char *to, size_t size)
{
	size_t length = 0;

	while (*sent == '/' || *sent == '\\')
		sent++;
	for (; *sent && !garbage(*sent); sent++) {
		if (length + 1 >= size)
			return false;
		to[length++] = *sent == '\\' ? '/' : *sent;
	}
	while (length > 0 && to[length - 1] == ' ')
		length--;
	to[length] = 0;
	return true;
}

// Takes the last part off [start, end).
static char *parent(char *start, char *end)
{
	while (end > start && *--end != '/')
		continue;
	return end;
}

void name_normalise(char *name)
{
	char *end = name; // of what is finished; the rest begins at `part`, never before it

	for (char *part = name, *next; *part; part = next) {
		size_t length = strcspn(part, "/");

		next = part + length + (part[length] == '/');
		if (length == 2 && memcmp(part, "..", 2) == 0) {
			end = parent(name, end);
		} else if (length > 0 && !(length == 1 && *part == '.')) {
			if (end > name)
				*end++ = '/';
			memmove(end, part, length);
			end += length;
		}
	}
	*end = 0;
}

static bool ends_with(const char *name, size_t length, const char *suffix)
{
	size_t tail = strlen(suffix);

	return length > tail && text_is(name + length - tail, tail, suffix);
}

bool name_means(const char *asked, const char *name)
{
	size_t length = strlen(name), asked_length = strlen(asked);
	bool program = ends_with(name, length, ".0") || ends_with(name, length, ".efi");

	if (text_same(asked, name))
		return true;
	if (!program)
		return false;
	if (ends_with(asked, asked_length, ".0") && text_is(asked, asked_length - 2, name))
		return true;
	return ends_with(name, length, ".0") && text_is(name, length - 2, asked);
}

const char *name_below(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	if (length == 0)
		return name;
	if (strlen(name) < length || !text_is(name, length, prefix))
		return NULL;
	return name[length] == '/' ? name + length + 1 : name[length] ? NULL : name + length;
}
