// SPDX-License-Identifier: BSD-2-Clause
// Neither file has a length that is known before; what is read of them is bounded.
#include "server-stub/own_network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { LARGEST = 65536, GATEWAY = 2 }; // RTF_GATEWAY

static bool read_file(const char *path, char *text)
{
	FILE *file = fopen(path, "re");
	size_t length;

	if (!file)
		return false;
	length = fread(text, 1, LARGEST - 1, file);
	text[length] = 0;
	fclose(file);
	return true;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

// A line names interface, destination, gateway, flags, two counters, metric and mask; addresses are
// hexadecimal numbers as they lie in memory.
static struct ipaddr gateway_of(const char *line, const struct interface *i, unsigned *metric)
{
	unsigned destination, gateway, flags, mask;
	char name[IFNAMSIZ];

	if (sscanf(line, "%15s %x %x %x %*u %*u %u %x", name, &destination, &gateway, &flags, metric,
			&mask) != 6)
		return (struct ipaddr){0};
	if (strcmp(name, i->name) || destination || mask || !(flags & GATEWAY))
		return (struct ipaddr){0};
	return ipaddr_from_u32(ntohl(gateway));
}

struct ipaddr own_gateway_in(const char *routes, const struct interface *i)
{
	struct ipaddr best = {0};
	unsigned least = UINT32_MAX;

	for (const char *line = routes; line; line = next_line(line)) {
		unsigned metric = 0;
		struct ipaddr gateway = gateway_of(line, i, &metric);

		if (!ipaddr_is_host(&gateway) || !ipaddr_same_net(&gateway, &i->address, i->prefix))
			continue;
		if (ipaddr_is_unset(&best) || metric < least) {
			best = gateway;
			least = metric;
		}
	}
	return best;
}

struct ipaddr own_gateway(const struct interface *i)
{
	static char text[LARGEST];

	return read_file("/proc/net/route", text) ? own_gateway_in(text, i) : (struct ipaddr){0};
}

static bool is_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	return strncmp(at, word, length) == 0 && isblank((unsigned char)at[length]);
}

struct ipaddr own_nameserver_in(const char *resolv_conf)
{
	for (const char *line = resolv_conf; line; line = next_line(line)) {
		const char *value = line + strspn(line, " \t");
		struct ipaddr a;

		if (!is_word(value, "nameserver"))
			continue;
		value += strlen("nameserver");
		value += strspn(value, " \t");
		if (ipaddr_parse(&a, value, strcspn(value, " \t\r\n#;")) && ipaddr_is_host(&a))
			return a;
	}
	return (struct ipaddr){0};
}

// systemd-resolved puts itself (127.0.0.53) into the first file and what it asks into the second.
struct ipaddr own_nameserver(void)
{
	static const char *const paths[] = {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"};
	static char text[LARGEST];
	struct ipaddr found = {0};

	for (size_t i = 0; i < sizeof paths / sizeof *paths && ipaddr_is_unset(&found); i++)
		if (read_file(paths[i], text))
			found = own_nameserver_in(text);
	return found;
}

void own_hwaddr(const struct interface *i, int socket, uint8_t to[6])
{
	struct ifreq r = {0};

	memcpy(r.ifr_name, i->name, strnlen(i->name, IFNAMSIZ - 1));
	memcpy(to, ioctl(socket, SIOCGIFHWADDR, &r) == 0 ? (const void *)r.ifr_hwaddr.sa_data :
		(const void *)i->hwaddr, 6);
}
