// SPDX-License-Identifier: BSD-2-Clause
// The list comes from a stranger: it is read to its end or to the first fault in it, and what is shown
// of it is cleaned and bounded.
#include "initramfs/root/exports.h"

#include "netstack/base/text.h"
#include "netstack/wire/mount3.h"

#include <string.h>

enum { NAMES = 80, LIST_MOST = 10000 };

// How one group of clients stands to this machine.
enum relation { IS_OTHER, IS_OURS, IS_UNKNOWN };

struct entry {
	struct xdr_bytes path;
	bool any, ours, open;  // has groups; one fits; one cannot be judged
	char names[NAMES];     // the groups
};

static bool is_path_above(const struct xdr_bytes *listed, const char *path)
{
	size_t length = listed->length;

	while (length > 1 && listed->at[length - 1] == '/')
		length--;
	if (length == 1 && listed->at[0] == '/')
		return path[0] == '/';
	return length && strnlen(path, length) == length && memcmp(listed->at, path, length) == 0 &&
		(!path[length] || path[length] == '/');
}

static bool parse_prefix(const char *text, size_t length, unsigned *prefix)
{
	struct ipaddr mask;
	uint32_t n;
	int bits;

	if (text_u32(text, length, 10, &n) && n <= 32) {
		*prefix = n;
		return true;
	}
	bits = ipaddr_parse(&mask, text, length) ? ipaddr_mask_to_prefix(&mask) : -1;
	*prefix = (unsigned)bits;
	return bits >= 0;
}

// "*", an address, or a network: other names cannot be judged from here.
static enum relation relation_of(const struct xdr_bytes *group, const struct ipaddr *own)
{
	const char *text = (const char *)group->at;
	size_t length = group->length, slash = 0;
	unsigned prefix = 32;
	struct ipaddr a;

	if (!length || text_is(text, length, "*") || text_is(text, length, "(everyone)") ||
		text_is(text, length, "0.0.0.0/0"))
		return IS_OURS;
	while (slash < length && text[slash] != '/')
		slash++;
	if (!ipaddr_parse(&a, text, slash) ||
		(slash < length && !parse_prefix(text + slash + 1, length - slash - 1, &prefix)))
		return IS_UNKNOWN;
	return own->family == IP_V4 && ipaddr_same_net(&a, own, prefix) ? IS_OURS : IS_OTHER;
}

static void read_groups(struct xdr *x, struct entry *e, const struct ipaddr *own)
{
	struct text names = text_of(e->names, sizeof e->names);
	struct xdr_bytes name = {0};
	bool more = true;

	for (int i = 0; i < LIST_MOST; i++) {
		enum relation relation;

		mount3_group(x, &more, &name);
		if (x->failed || !more)
			return;
		relation = relation_of(&name, own);
		e->any = true;
		e->ours |= relation == IS_OURS;
		e->open |= relation == IS_UNKNOWN;
		if (names.length)
			text_format(&names, ", ");
		text_foreign(&names, name.at, name.length);
	}
	x->failed = true; // a list without end
}

static void judge(struct exports *e, const struct entry *found, const struct ipaddr *own)
{
	struct text t = text_of(e->words, sizeof e->words);
	char address[IPADDR_TEXT];
	bool ours = !found->any || found->ours;

	e->verdict = ours || found->open ? EXPORTS_OURS : EXPORTS_OTHERS;
	text_format(&t, "export ");
	text_foreign(&t, found->path.at, found->path.length < 40 ? found->path.length : 40);
	if (ipaddr_is_unset(own))
		memcpy(address, "this machine", sizeof "this machine");
	else
		ipaddr_format(own, address);
	if (ours)
		text_format(&t, " exists, and its list of clients has %s", address);
	else if (found->open)
		text_format(&t, " exists for %s; whether %s is one of them the server knows", found->names,
			address);
	else
		text_format(&t, " exists for %s, but not for %s", found->names, address);
}

void exports_read(struct exports *e, struct xdr *x, const char *path, const struct ipaddr *own)
{
	char listed[NAMES];
	struct text names = text_of(listed, sizeof listed), words = text_of(e->words, sizeof e->words);
	struct entry found = {0};
	bool more = true;
	int left = LIST_MOST;

	*e = (struct exports){0};
	while (left--) {
		struct entry one = {0};

		mount3_export(x, &more, &one.path);
		if (!x->failed && more)
			read_groups(x, &one, own);
		if (x->failed || left == 0)
			return;
		if (!more)
			break;
		if (is_path_above(&one.path, path) && one.path.length >= found.path.length)
			found = one;
		if (names.length)
			text_format(&names, ", ");
		text_foreign(&names, one.path.at, one.path.length);
	}
	if (found.path.length) {
		judge(e, &found, own);
		return;
	}
	e->verdict = EXPORTS_ABSENT;
	text_format(&words, "the server exports %s%s", names.length ? listed : "nothing",
		names.cut ? "..." : "");
}
