// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/paths.h"
#include "netstack/base/memory.h"
#include "netstack/lease.h"
#include "netstack/wire/url.h"

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

// http://host, without a path that could be cut.
static bool url_of_host(const char *text)
{
	struct url u;

	return url_read(&u, text) && u.path.length == 0;
}

bool path_prefix(char prefix[PATH_NAME], const struct lease *lease, struct fault *fault)
{
	const char *from = lease->path_prefix[0] ? lease->path_prefix : lease->boot_file;
	size_t length = strlen(from);
	struct text t = text_of(prefix, PATH_NAME);

	while (!lease->path_prefix[0] && !url_of_host(from) && length > 0 && plain(from[length - 1]))
		length--;
	text_append(&t, from, length);
	return !t.cut || fault_set(fault, FAULT_CONFIG_ERROR,
		": the path prefix '%.40s...' is too long", from);
}

// What a name begins with, decided by its first colon: "x://", "x::", or neither.
enum form { RELATIVE, URL, DOUBLE_COLON };

static enum form form_of(const char *name, size_t *colon)
{
	for (size_t i = 0; name[i]; i++) {
		if (name[i] != ':')
			continue;
		*colon = i;
		if (name[i + 1] == '/' && name[i + 2] == '/')
			return URL;
		return name[i + 1] == ':' ? DOUBLE_COLON : RELATIVE;
	}
	return RELATIVE;
}

static void set_file(struct path *p, const char *file, size_t length)
{
	struct text t = text_of(p->file, sizeof p->file);

	text_append(&t, file, length);
}

static void set_host(struct path *p, const char *host, size_t length)
{
	struct text t = text_of(p->host, sizeof p->host);

	if (length && !ipaddr_parse(&p->server, host, length))
		text_foreign(&t, host, length);
}

// Of "f;mode=octet" (RFC 3617) only "f" is the name: files are always fetched as they are.
static size_t without_mode(const char *file, size_t length)
{
	for (size_t i = 0; i + 6 <= length; i++)
		if (text_is(file + i, 6, ";mode="))
			return i;
	return length;
}

static bool resolve_url(struct path *p, const char *text, struct fault *fault)
{
	struct text file = text_of(p->file, sizeof p->file);
	struct url u;

	if (!url_read(&u, text))
		return fault_set(fault, FAULT_URL_SCHEME, ": '%.80s'", text);
	set_host(p, u.host.at, u.host.length);
	p->port = u.port;
	p->http = text_is(u.scheme.at, u.scheme.length, "http");
	if (p->http) {
		text_format(&file, "%s", u.path.length && u.path.at[0] == '/' ? "" : "/");
		text_append(&file, u.path.at, u.path.length);
		return true;
	}
	if (!text_is(u.scheme.at, u.scheme.length, "tftp"))
		return fault_set(fault, FAULT_URL_SCHEME, ": '%.80s'", text);
	if (u.path.length)
		url_decode(&file, u.path.at + 1, without_mode(u.path.at + 1, u.path.length - 1));
	return true;
}

// The whole of a name: with its prefix, where it is relative.
static void complete(struct text *whole, const char *prefix, const char *name, bool relative)
{
	struct url u;

	if (relative && url_read(&u, prefix) && text_is(u.scheme.at, u.scheme.length, "http")) {
		url_merge(whole, prefix, name);
		return;
	}
	if (relative)
		text_append(whole, prefix, strlen(prefix));
	text_append(whole, name, strlen(name));
}

bool path_resolve(struct path *p, const char *prefix, const char *name, struct fault *fault)
{
	char buffer[2 * PATH_NAME];
	struct text whole = text_of(buffer, sizeof buffer);
	size_t colon;

	*p = (struct path){.relative = form_of(name, &colon) == RELATIVE};
	complete(&whole, prefix, name, p->relative);
	if (whole.length >= PATH_NAME)
		return fault_set(fault, FAULT_CONFIG_ERROR,
			": the file name '%.40s...' is longer than %d characters", buffer,
			PATH_NAME - 1);
	switch (form_of(buffer, &colon)) {
	case URL:
		if (!resolve_url(p, buffer, fault))
			return false;
		break;
	case DOUBLE_COLON:
		set_host(p, buffer, colon);
		set_file(p, buffer + colon + 2, strlen(buffer + colon + 2));
		break;
	default:
		set_file(p, buffer, whole.length);
	}
	return p->file[0] || fault_set(fault, FAULT_CONFIG_ERROR, ": '%.80s' names no file", name);
}

void path_url(const struct path *p, const struct ipaddr *boot_server, struct text *to)
{
	char address[IPADDR_TEXT];

	ipaddr_format(ipaddr_is_unset(&p->server) ? boot_server : &p->server, address);
	text_format(to, "%s://%s", p->http ? "http" : "tftp", p->host[0] ? p->host : address);
	if (p->port)
		text_format(to, ":%u", p->port);
	text_format(to, "%s%s", p->http ? "" : "/", p->file);
}

// "pci 00:03.0 8086:100e" and more
enum { CARD_VENDOR = 12, CARD_DEVICE = 17, CARD_END = 21 };

void path_put_card(struct text *to, const char *name, const char *card)
{
	bool known = text_starts(card, "pci ") && strlen(card) >= CARD_END;

	for (; *name; name++) {
		if (!text_starts(name, "{nic}")) {
			text_putc(to, *name);
			continue;
		}
		name += 4;
		if (known)
			text_format(to, "%.4s-%.4s", card + CARD_VENDOR, card + CARD_DEVICE);
		else
			text_format(to, "any");
	}
}
