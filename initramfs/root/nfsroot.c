// SPDX-License-Identifier: BSD-2-Clause
// nfsroot= and its relatives. All texts may come from the network (DHCP option 17): lengths are
// checked, control characters refused, and nothing of it ever reaches a shell.
#include "initramfs/root/nfsroot.h"

#include <string.h>
#include <sys/mount.h>

#define DEFAULT_PATH "/tftpboot/%s"

static bool refuse(struct fault *fault, const char *what, const char *value)
{
	char shown[120];
	struct text t = text_of(shown, sizeof shown);

	text_foreign(&t, value, strlen(value));
	return fault_set(fault, FAULT_ROOT_PARAMETER, "(%s: '%s')", what, shown);
}

static bool copy(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = 0;
	return true;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

// Mount options that are flags of mount(2).
static const struct flag {
	const char *name;
	unsigned long set, clear;
} flags[] = {
	{"noatime", MS_NOATIME, 0}, {"atime", 0, MS_NOATIME}, {"nodiratime", MS_NODIRATIME, 0},
	{"diratime", 0, MS_NODIRATIME}, {"relatime", MS_RELATIME, 0}, {"norelatime", 0, MS_RELATIME},
	{"strictatime", MS_STRICTATIME, 0}, {"nosuid", MS_NOSUID, 0}, {"suid", 0, MS_NOSUID},
	{"nodev", MS_NODEV, 0}, {"dev", 0, MS_NODEV}, {"noexec", MS_NOEXEC, 0},
	{"exec", 0, MS_NOEXEC},
};

// Options for mount(8) or mount.nfs(8) only; the kernel would refuse them.
static const char *const userland[] = {
	"_netdev", "defaults", "auto", "noauto", "user", "nouser", "bg", "fg", "retry", "nofail",
};

static bool is_option(const char *option, size_t length, const char *name)
{
	size_t n = strlen(name);

	return length >= n && memcmp(option, name, n) == 0 && (length == n || option[n] == '=');
}

static bool handled_here(struct nfsroot *n, const char *option, size_t length)
{
	if (length == 2 && option[0] == 'r' && (option[1] == 'o' || option[1] == 'w')) {
		n->access = option[1] == 'w' ? NFSROOT_RW : NFSROOT_RO;
		return true;
	}
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (is_option(option, length, flags[i].name)) {
			n->flags = (n->flags | flags[i].set) & ~flags[i].clear;
			return true;
		}
	for (size_t i = 0; i < sizeof userland / sizeof *userland; i++)
		if (is_option(option, length, userland[i]))
			return true;
	return false;
}

bool nfsroot_add_options(struct nfsroot *n, const char *options, struct fault *fault)
{
	size_t at = strlen(n->options);

	for (size_t length; *options; options += length + (options[length] == ',')) {
		length = strcspn(options, ",");
		if (!length || handled_here(n, options, length))
			continue;
		if (at + length + 2 > sizeof n->options)
			return refuse(fault, "the options are too long", options);
		if (at)
			n->options[at++] = ',';
		memcpy(n->options + at, options, length);
		n->options[at += length] = 0;
	}
	return true;
}

// PATH[,OPTIONS], or PATH[:OPTIONS] where `colon` allows dracut's form.
static bool read_path(struct nfsroot *n, const char *value, bool colon, struct fault *fault)
{
	size_t length = strcspn(value, colon ? ",:" : ",");
	const char *options = value[length] ? value + length + 1 : value + length;

	if (length && !(length == 7 && memcmp(value, "default", 7) == 0)) {
		if (!copy(n->path, sizeof n->path, value, length))
			return refuse(fault, "the path is too long", value);
	}
	return nfsroot_add_options(n, options, fault);
}

static bool is_ipv6(const char *text, size_t length)
{
	size_t zone = 0;
	bool colon = false;

	while (zone < length && text[zone] != '%') {
		char c = text[zone++];

		colon |= c == ':';
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
			c == ':' || c == '.'))
			return false;
	}
	return colon && zone + 1 != length;
}

// "[ADDRESS]" at the beginning of `value`; gives its length with the brackets, 0 if it is wrong.
static size_t read_brackets(struct nfsroot *n, const char *value, struct fault *fault)
{
	size_t length = strcspn(value + 1, "]/,");

	if (value[1 + length] == ']' && is_ipv6(value + 1, length) &&
		copy(n->server, sizeof n->server, value + 1, length))
		return length + 2;
	refuse(fault, "this is no IPv6 address in brackets", value);
	return 0;
}

static bool read_url(struct nfsroot *n, const char *host, struct fault *fault)
{
	size_t length = strcspn(host, "/"), name = strcspn(host, ":/");
	uint32_t port;

	if (*host == '[') {
		name = read_brackets(n, host, fault);
		if (!name)
			return false;
		if (host[name] != ':' && host[name] != '/')
			return refuse(fault, "no path in the address", host);
	} else if (!name || !copy(n->server, sizeof n->server, host, name)) {
		return refuse(fault, "no server in the address", host);
	}
	if (!host[length])
		return refuse(fault, "no path in the address", host);
	if (name < length) {
		char option[16];
		struct text t = text_of(option, sizeof option);

		if (!text_u32(host + name + 1, length - name - 1, 10, &port) || !port || port > 65535)
			return refuse(fault, "not a port number", host + name + 1);
		text_format(&t, "port=%u", port);
		if (!nfsroot_add_options(n, option, fault))
			return false;
	}
	return read_path(n, host + length, false, fault);
}

bool nfsroot_read(struct nfsroot *n, const char *value, struct fault *fault)
{
	const char *whole = value;
	bool prefixed = false;
	size_t server;

	if (!printable(value))
		return refuse(fault, "control characters", value);
	if (text_starts(value, "nfs://"))
		return read_url(n, value + 6, fault);
	if (text_starts(value, "nfs4:") || text_starts(value, "nfs:")) {
		n->v4 = value[3] == '4';
		value += n->v4 ? 5 : 4;
		prefixed = true;
	}
	if (*value == '[') {
		server = read_brackets(n, value, fault);
		if (!server)
			return false;
		if (value[server] != ':')
			return refuse(fault, "no colon and path after the server", whole);
		return read_path(n, value + server + 1, prefixed, fault);
	}
	server = strcspn(value, ":/,");
	if (value[server] == ':') {
		if (!copy(n->server, sizeof n->server, value, server))
			return refuse(fault, "the server's name is too long", whole);
		value += server + 1;
	}
	return read_path(n, value, prefixed, fault);
}

static bool plain_name(const char *name)
{
	for (; *name; name++)
		if (*name == '/' || (unsigned char)*name <= ' ' || *name == 0x7f)
			return false;
	return true;
}

bool nfsroot_complete(struct nfsroot *n, const char *client, struct fault *fault)
{
	char path[NFSROOT_PATH];
	struct text t = text_of(path, sizeof path);
	const char *from = n->path[0] ? n->path : DEFAULT_PATH, *mark = strstr(from, "%s");

	if (!mark) {
		text_format(&t, "%s", from);
	} else {
		if (!plain_name(client))
			return refuse(fault, "this machine's name cannot stand in a path", client);
		text_append(&t, from, (size_t)(mark - from));
		text_format(&t, "%s%s", client, mark + 2);
	}
	if (t.cut)
		return refuse(fault, "the path is too long", from);
	memcpy(n->path, path, t.length + 1);
	return true;
}

bool nfsroot_has(const struct nfsroot *n, const char *name)
{
	const char *at = n->options;

	for (size_t length; *at; at += length + (at[length] == ',')) {
		length = strcspn(at, ",");
		if (is_option(at, length, name))
			return true;
	}
	return false;
}

uint32_t nfsroot_number(const struct nfsroot *n, const char *name)
{
	size_t prefix = strlen(name) + 1;
	uint32_t number = 0, last = 0;

	for (const char *at = n->options; *at;) {
		size_t length = strcspn(at, ",");

		if (is_option(at, length, name) && length > prefix &&
			text_u32(at + prefix, length - prefix, 10, &number))
			last = number;
		at += length + (at[length] == ',');
	}
	return last;
}

void nfsroot_source(const char *server, const char *path, struct text *to)
{
	text_format(to, strchr(server, ':') ? "[%s]:%s" : "%s:%s", server, path);
}

bool nfsroot_names_version(const struct nfsroot *n)
{
	static const char *const names[] = {
		"vers", "nfsvers", "v2", "v3", "v4", "v4.0", "v4.1", "v4.2", "minorversion",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (nfsroot_has(n, names[i]))
			return true;
	return false;
}

void nfsroot_data(const struct nfsroot *n, const char *version, const char *address,
	struct text *to)
{
	bool locks = nfsroot_has(n, "lock") || nfsroot_has(n, "nolock") || nfsroot_has(n, "local_lock");

	if (!nfsroot_names_version(n))
		text_format(to, "vers=%s,", version);
	if (!nfsroot_has(n, "proto") && !nfsroot_has(n, "tcp") && !nfsroot_has(n, "udp"))
		text_format(to, strchr(address, ':') ? "proto=tcp6," : "proto=tcp,");
	if (!locks)
		text_format(to, "nolock,");
	if (!nfsroot_has(n, "soft") && !nfsroot_has(n, "softerr") && !nfsroot_has(n, "hard"))
		text_format(to, "hard,");
	text_format(to, "%s%saddr=%s", n->options, n->options[0] ? "," : "", address);
}
