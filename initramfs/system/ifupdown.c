// SPDX-License-Identifier: BSD-2-Clause
// Lines of words; a backslash at the end joins the next line; '#' at the beginning is a comment.
#include "initramfs/system/ifupdown.h"

#include "netstack/base/text.h"

#include <string.h>

enum { LINE = 512 };

// The next line, joined; gives what follows. What exceeds LINE is left out.
static const char *take_line(const char *text, char line[LINE])
{
	struct text t = text_of(line, LINE);

	for (;;) {
		size_t length = strcspn(text, "\n");
		bool joined = length && text[length - 1] == '\\' && text[length];

		text_append(&t, text, length - joined);
		text += length + (text[length] == '\n');
		if (!joined)
			return text;
		text_putc(&t, ' ');
	}
}

static const char *take_word(const char *line, char word[LINE])
{
	size_t length;

	line += strspn(line, " \t\r");
	length = strcspn(line, " \t\r");
	memcpy(word, line, length);
	word[length] = 0;
	return line + length;
}

void ifupdown_read(const char *text, void (*found)(void *owner, const char *name),
	void (*source)(void *owner, const char *pattern), void *owner)
{
	char line[LINE], word[LINE];

	while (*text) {
		const char *rest;
		bool several, path;

		text = take_line(text, line);
		rest = take_word(line, word);
		several = strcmp(word, "auto") == 0 || text_starts(word, "allow-");
		path = strcmp(word, "source") == 0 || strcmp(word, "source-directory") == 0;
		if (!several && !path && strcmp(word, "iface") != 0)
			continue;
		do {
			rest = take_word(rest, word);
			if (word[0])
				(path ? source : found)(owner, word);
		} while (several && word[0]);
	}
}
