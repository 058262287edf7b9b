// SPDX-License-Identifier: BSD-2-Clause
// A line has the address (32 digits), and the interface's number, prefix length, scope and flags (two
// digits each), all in hexadecimal, then the interface's name.
#include "initramfs/inet6.h"

#include "netstack/base/text.h"

#include <string.h>

enum {
	DIGITS = 32,
	SCOPE_GLOBAL = 0,
	FLAG_DAD_FAILED = 0x08, // IFA_F_DADFAILED
	FLAG_DEPRECATED = 0x20,
	FLAG_TENTATIVE = 0x40,
};

static struct text_view next_word(struct text_view *line)
{
	while (line->length && *line->at == ' ')
		line->at++, line->length--;
	return text_field(line, ' ');
}

static bool next_number(struct text_view *line, uint32_t *value)
{
	struct text_view word = next_word(line);

	return text_u32(word.at, word.length, 16, value);
}

static bool read_address(struct text_view digits, struct ipaddr *a)
{
	*a = (struct ipaddr){.family = IP_V6};
	for (size_t i = 0; i < sizeof a->bytes; i++) {
		uint32_t byte;

		if (digits.length != DIGITS || !text_u32(digits.at + 2 * i, 2, 16, &byte))
			return false;
		a->bytes[i] = (uint8_t)byte;
	}
	return true;
}

static bool read_line(struct text_view line, const char *name, struct ipaddr *address, uint8_t *prefix)
{
	struct text_view digits = next_word(&line), word;
	uint32_t index, length, scope, flags;
	struct ipaddr a;

	if (!read_address(digits, &a) || !next_number(&line, &index) || !next_number(&line, &length) ||
		!next_number(&line, &scope) || !next_number(&line, &flags) || length > 128 ||
		scope != SCOPE_GLOBAL || flags & (FLAG_DAD_FAILED | FLAG_DEPRECATED | FLAG_TENTATIVE))
		return false;
	word = next_word(&line);
	if (strlen(name) != word.length || memcmp(name, word.at, word.length) != 0)
		return false;
	*address = a;
	*prefix = (uint8_t)length;
	return true;
}

bool inet6_find(const char *list, const char *name, struct ipaddr *address, uint8_t *prefix)
{
	struct text_view rest = {list, strlen(list)};

	while (rest.length)
		if (read_line(text_field(&rest, '\n'), name, address, prefix))
			return true;
	return false;
}
