// SPDX-License-Identifier: BSD-2-Clause
// A rule is a line (a backslash at its end joins the next) of KEY=="value", KEY="value" with commas
// between them. A .link file has KEY=value lines.
#include "initramfs/system/linknames.h"

#include "netstack/base/text.h"

#include <stddef.h>
#include <string.h>

static void put_addresses(const char *from, size_t length, char to[LINKNAMES_ADDRESSES])
{
	struct text t = text_of(to, LINKNAMES_ADDRESSES);

	for (size_t i = 0; i < length; i++) {
		char c = from[i] >= 'A' && from[i] <= 'Z' ? (char)(from[i] | 0x20) : from[i];

		text_putc(&t, c == '-' ? ':' : c);
	}
	if (t.cut)
		to[0] = 0;
}

// ---- udev's rules -------------------------------------------------------------------------------

// The value of `key` in the rule: what follows "==" if `compared`, else "=" or ":=". NULL: none.
static const char *rule_value(const char *rule, const char *end, const char *key, bool compared,
	size_t *length)
{
	size_t key_length = strlen(key);

	for (const char *at = rule; at + key_length < end; at++) {
		const char *value = at + key_length, *close;

		if (strncmp(at, key, key_length) != 0 || (at > rule && !strchr(" \t,\\\n", at[-1])))
			continue;
		value += strspn(value, " \t");
		if (compared != text_starts(value, "=="))
			continue;
		value += strspn(value, ":=");
		value += strspn(value, " \t");
		close = *value == '"' ? strchr(value + 1, '"') : NULL;
		if (!close || close >= end)
			continue;
		*length = (size_t)(close - value - 1);
		return value + 1;
	}
	return NULL;
}

static const char *rule_end(const char *rule)
{
	const char *end = rule + strcspn(rule, "\n");

	while (*end && end > rule && end[-1] == '\\')
		end += 1 + strcspn(end + 1, "\n");
	return end;
}

bool linknames_in_rules(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES])
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		size_t length, address_length;
		const char *value, *address;

		text += strspn(text, " \t");
		end = rule_end(text);
		value = *text == '#' ? NULL : rule_value(text, end, "NAME", false, &length);
		if (!value || !text_is(value, length, name))
			continue;
		address = rule_value(text, end, "ATTR{address}", true, &address_length);
		put_addresses(address, address ? address_length : 0, addresses);
		return true;
	}
	return false;
}

// ---- systemd.link -------------------------------------------------------------------------------

static const char *link_value(const char *line, const char *key, size_t *length)
{
	size_t key_length = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, key_length) != 0)
		return NULL;
	line += key_length;
	line += strspn(line, " \t");
	if (*line != '=')
		return NULL;
	line++;
	line += strspn(line, " \t");
	*length = strcspn(line, "\r\n");
	while (*length && strchr(" \t", line[*length - 1]))
		--*length;
	return line;
}

bool linknames_in_link(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES])
{
	bool given = false;

	addresses[0] = 0;
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		size_t length;
		const char *value = link_value(text, "Name", &length);

		if (value)
			given = text_is(value, length, name);
		value = link_value(text, "MACAddress", &length);
		if (!value)
			value = link_value(text, "PermanentMACAddress", &length);
		if (value)
			put_addresses(value, length, addresses);
	}
	return given;
}
