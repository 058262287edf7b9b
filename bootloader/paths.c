// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/paths.h"
#include "netstack/base/memory.h"
#include "netstack/lease.h"

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

bool path_prefix(char prefix[PATH_NAME], const struct lease *lease, struct fault *fault)
{
	const char *from = lease->path_prefix[0] ? lease->path_prefix : lease->boot_file;
	size_t length = strlen(from);
	struct text t = text_of(prefix, PATH_NAME);

	while (!lease->path_prefix[0] && length > 0 && plain(from[length - 1]))
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

// host[:port]
static void set_host_port(struct path *p, const char *host, size_t length)
{
	size_t end = length;
	uint32_t port;

	while (end > 0 && host[end - 1] != ':')
		end--;
	if (end > 0 && text_u32(host + end, length - end, 10, &port) && port < 65536) {
		p->port = (uint16_t)port;
		length = end - 1;
	}
	set_host(p, host, length);
}

static size_t until(const char *text, char stop)
{
	size_t length = 0;

	while (text[length] && text[length] != stop)
		length++;
	return length;
}

// %41 is 'A' (RFC 3986); anything else with a '%' stands for itself.
static void unescape(char *text)
{
	char *to = text;
	uint32_t byte;

	for (; *text; text++) {
		if (*text == '%' && text[1] && text_u32(text + 1, 2, 16, &byte) && byte) {
			*to++ = (char)byte;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

static bool resolve_url(struct path *p, const char *url, size_t colon, struct fault *fault)
{
	const char *host = url + colon + 3, *file = host + until(host, '/');

	if (!text_is(url, colon, "tftp"))
		return fault_set(fault, FAULT_URL_SCHEME, ": '%.80s'", url);
	set_host_port(p, host, (size_t)(file - host));
	file += *file == '/';
	set_file(p, file, until(file, '#'));
	unescape(p->file);
	return true;
}

bool path_resolve(struct path *p, const char *prefix, const char *name, struct fault *fault)
{
	char buffer[2 * PATH_NAME];
	struct text whole = text_of(buffer, sizeof buffer);
	size_t colon;

	*p = (struct path){0};
	if (form_of(name, &colon) == RELATIVE)
		text_append(&whole, prefix, strlen(prefix));
	text_append(&whole, name, strlen(name));
	if (whole.length >= PATH_NAME)
		return fault_set(fault, FAULT_CONFIG_ERROR,
			": the file name '%.40s...' is longer than %d characters", buffer,
			PATH_NAME - 1);
	switch (form_of(buffer, &colon)) {
	case URL:
		if (!resolve_url(p, buffer, colon, fault))
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
