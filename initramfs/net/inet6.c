// SPDX-License-Identifier: BSD-2-Clause
// A line has the address (32 digits), and the interface's number, prefix length, scope and flags (two
// digits each), all in hexadecimal, then the interface's name.
#include "initramfs/net/inet6.h"

#include "netstack/base/text.h"

#include <string.h>

enum {
	DIGITS = 32,
	SILENT_ROUTER = 6000, // ms until either6 takes it that there is none
	SCOPE_GLOBAL = 0,
	SCOPE_LINK = 0x20,       // IPV6_ADDR_LINKLOCAL
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

struct line {
	struct ipaddr address;
	uint8_t prefix;
	uint32_t scope, flags;
};

// False if the line is another interface's, or malformed.
static bool read_line(struct text_view text, const char *name, struct line *line)
{
	struct text_view digits = next_word(&text), word;
	uint32_t index, prefix;

	if (!read_address(digits, &line->address) || !next_number(&text, &index) ||
		!next_number(&text, &prefix) || !next_number(&text, &line->scope) ||
		!next_number(&text, &line->flags) || prefix > 128)
		return false;
	line->prefix = (uint8_t)prefix;
	word = next_word(&text);
	return strlen(name) == word.length && memcmp(name, word.at, word.length) == 0;
}

static bool find(const char *list, const char *name, uint32_t scope, uint32_t flags, struct line *line)
{
	struct text_view rest = {list, strlen(list)};

	while (rest.length)
		if (read_line(text_field(&rest, '\n'), name, line) && line->scope == scope &&
			!(line->flags & flags))
			return true;
	return false;
}

bool inet6_find(const char *list, const char *name, struct ipaddr *address, uint8_t *prefix)
{
	struct line line;

	if (!find(list, name, SCOPE_GLOBAL, FLAG_DAD_FAILED | FLAG_DEPRECATED | FLAG_TENTATIVE, &line))
		return false;
	*address = line.address;
	*prefix = line.prefix;
	return true;
}

bool inet6_find_link(const char *list, const char *name, struct ipaddr *address)
{
	struct line line;

	if (!find(list, name, SCOPE_LINK, FLAG_DAD_FAILED | FLAG_TENTATIVE, &line))
		return false;
	*address = line.address;
	return true;
}

enum inet6_presence inet6_presence(const char *list, const char *name, const struct ipaddr *address)
{
	struct text_view rest = {list, strlen(list)};
	struct line line;

	while (rest.length) {
		if (!read_line(text_field(&rest, '\n'), name, &line) ||
			!ipaddr_equal(&line.address, address))
			continue;
		return line.flags & FLAG_DAD_FAILED ? INET6_TAKEN
			: line.flags & FLAG_TENTATIVE ? INET6_TENTATIVE : INET6_READY;
	}
	return INET6_ABSENT;
}

bool inet6_by_dhcp(enum ipparam_autoconf way, uint32_t flags, uint64_t waited)
{
	if (way != IPPARAM_EITHER6)
		return way == IPPARAM_DHCP6;
	return flags & INET6_RA_MANAGED || (!(flags & INET6_RA_RECEIVED) && waited >= SILENT_ROUTER);
}

bool inet6_informs(uint32_t flags)
{
	return flags & (INET6_RA_OTHER | INET6_RA_MANAGED);
}
