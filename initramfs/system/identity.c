// SPDX-License-Identifier: BSD-2-Clause
// The hash is FNV-1a (64 bits), twice with different beginnings, each stirred at its end: it has to tell
// machines apart and to hide the UUID from a glance, not from an attacker.
#include "initramfs/system/identity.h"

#include "initramfs/system/netconf.h"

#include <string.h>

#define MARK "\t# lanyard"

void identity_hostname(const char *given, const uint8_t hwaddr[6], char to[IDENTITY_NAME])
{
	struct text t;

	netconf_hostname(given, to);
	if (to[0])
		return;
	t = text_of(to, IDENTITY_NAME);
	text_format(&t, "lan-");
	for (size_t i = 0; i < 6; i++)
		text_format(&t, "%02x", hwaddr[i]);
}

static uint64_t hash(uint64_t h, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
	return h ^ h >> 33;
}

// Firmware that nobody has given a UUID has all bytes the same, or its maker's example, in either order of
// bytes (03000200-0400-0500-0006-000700080009).
bool identity_tells_apart(const uint8_t uuid[16])
{
	static const uint8_t examples[2][16] = {
		{0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9},
		{3, 0, 2, 0, 4, 0, 5, 0, 0, 6, 0, 7, 0, 8, 0, 9},
	};

	if (uuid && (!memcmp(uuid, examples[0], 16) || !memcmp(uuid, examples[1], 16)))
		return false;
	for (size_t i = 1; uuid && i < 16; i++)
		if (uuid[i] != uuid[0])
			return true;
	return false;
}

void identity_machine_id(const uint8_t uuid[16], const uint8_t hwaddr[6], char to[IDENTITY_ID])
{
	const uint8_t *from = identity_tells_apart(uuid) ? uuid : hwaddr;
	size_t length = from == hwaddr ? 6 : 16;
	struct text t = text_of(to, IDENTITY_ID);

	text_format(&t, "%016llx", (unsigned long long)hash(0xcbf29ce484222325, from, length));
	text_format(&t, "%016llx", (unsigned long long)hash(0x6c616e7961726421, from, length));
}

static bool is_own_line(const char *line)
{
	return text_starts(line, "127.0.1.1") && (line[9] == ' ' || line[9] == '\t');
}

void identity_hosts(const char *hosts, const char *name, const char *domain, struct text *to)
{
	while (*hosts) {
		size_t length = strcspn(hosts, "\n");

		if (!is_own_line(hosts)) {
			text_append(to, hosts, length);
			text_putc(to, '\n');
		}
		hosts += length + (hosts[length] == '\n');
	}
	text_format(to, "127.0.1.1\t");
	if (netconf_is_domain(domain, strlen(domain)))
		text_format(to, "%s.%s ", name, domain);
	text_format(to, "%s\n", name);
}

// The next word of a line, up to its end or comment; NULL at the end.
static const char *next_word(const char **at, size_t *length)
{
	const char *word = *at + strspn(*at, " \t\r");

	*length = strcspn(word, " \t\r\n#");
	*at = word + *length;
	return *length ? word : NULL;
}

struct host_line {
	bool ours, address, name, same; // has our mark, this address, this name; is just what we would write
};

static struct host_line read_host_line(const char *line, size_t length, const char *address,
	const char *name, const char *wanted)
{
	struct host_line l = {.same = text_is(line, length, wanted)};
	const char *at = line, *word;
	size_t mark = strlen(MARK), size;

	l.ours = length > mark && memcmp(line + length - mark, MARK, mark) == 0;
	word = next_word(&at, &size);
	l.address = word && text_is(word, size, address);
	while (word && (word = next_word(&at, &size)))
		l.name = l.name || text_is(word, size, name);
	return l;
}

bool identity_add_host(const char *hosts, const char *address, const char *name, const char *domain,
	struct text *to)
{
	bool named = false, changed = false;
	char own[512];
	struct text line = text_of(own, sizeof own);

	text_format(&line, "%s\t", address);
	if (netconf_is_domain(domain, strlen(domain)))
		text_format(&line, "%s.%s ", name, domain);
	text_format(&line, "%s" MARK, name);
	while (*hosts) {
		size_t length = strcspn(hosts, "\n");
		struct host_line l = read_host_line(hosts, length, address, name, own);
		bool goes = l.ours && (l.address || l.name) && (!l.same || named);

		named = named || (l.name && !goes);
		changed = changed || goes;
		if (!goes) {
			text_append(to, hosts, length);
			text_putc(to, '\n');
		}
		hosts += length + (hosts[length] == '\n');
	}
	if (!named)
		text_format(to, "%s\n", own);
	return (changed || !named) && !line.cut;
}

bool identity_knows_itself(const char *nsswitch)
{
	while (*nsswitch) {
		size_t length = strcspn(nsswitch, "\n"), size;
		const char *at = nsswitch, *word = next_word(&at, &size);

		if (word && text_is(word, size, "hosts:"))
			while ((word = next_word(&at, &size)))
				if (text_is(word, size, "myhostname") || text_is(word, size, "resolve"))
					return true;
		nsswitch += length + (nsswitch[length] == '\n');
	}
	return false;
}

bool identity_read_uuid(const char *text, uint8_t uuid[16])
{
	size_t at = 0;

	for (size_t i = 0; i < 16; i++) {
		uint32_t byte;

		if (text[at] == '-')
			at++;
		if (!text[at] || !text[at + 1] || !text_u32(text + at, 2, 16, &byte))
			return false;
		uuid[i] = (uint8_t)byte;
		at += 2;
	}
	return !text[at] || text[at] == '\n';
}
