// SPDX-License-Identifier: BSD-2-Clause
// Texts in a lease come from the network: single quotes are escaped for the shells that read the
// klibc file, control characters never get through, and names are checked character by character.
#include "initramfs/system/netconf.h"

#include <string.h>

static void keep_text(char *to, size_t size, const char *from)
{
	struct text t = text_of(to, size);

	text_format(&t, "%s", from);
}

void netconf_from_parameter(struct lease *lease, const struct ipparam *p)
{
	*lease = (struct lease){
		.address = p->client,
		.prefix = p->prefix,
		.next_server = p->server,
		.routers = {p->gateway},
		.dns = {p->dns[0], p->dns[1]},
		.ntp = {p->ntp},
		.lease_time = LEASE_FOREVER,
		.mtu = p->mtu,
	};
	if (ipaddr_is_unset(&lease->dns[0])) {
		lease->dns[0] = p->dns[1];
		lease->dns[1] = (struct ipaddr){0};
	}
	keep_text(lease->hostname, sizeof lease->hostname, p->hostname);
	keep_text(lease->domain, sizeof lease->domain, p->domain);
}

static void fill_text(char *to, const char *from, size_t size)
{
	if (!to[0])
		memcpy(to, from, size);
}

static void fill_addresses(struct ipaddr *to, const struct ipaddr *from, size_t count)
{
	if (ipaddr_is_unset(&to[0]))
		memcpy(to, from, count * sizeof *to);
}

void netconf_fill(struct lease *lease, const struct lease *old)
{
	fill_addresses(&lease->next_server, &old->next_server, 1);
	fill_addresses(&lease->server_id, &old->server_id, 1);
	if (ipaddr_is_unset(&lease->routers[0]) && !lease->route_count) {
		memcpy(lease->routers, old->routers, sizeof lease->routers);
		memcpy(lease->routes, old->routes, sizeof lease->routes);
		lease->route_count = old->route_count;
		lease->classless = old->classless;
	}
	fill_addresses(lease->dns, old->dns, LEASE_SERVERS);
	fill_addresses(lease->ntp, old->ntp, LEASE_SERVERS);
	fill_addresses(lease->log_servers, old->log_servers, LEASE_SERVERS);
	if (!lease->mtu)
		lease->mtu = old->mtu;
	fill_text(lease->hostname, old->hostname, sizeof lease->hostname);
	fill_text(lease->domain, old->domain, sizeof lease->domain);
	fill_text(lease->search, old->search, sizeof lease->search);
	fill_text(lease->nis_domain, old->nis_domain, sizeof lease->nis_domain);
	fill_text(lease->root_path, old->root_path, sizeof lease->root_path);
	fill_text(lease->boot_file, old->boot_file, sizeof lease->boot_file);
	fill_text(lease->server_name, old->server_name, sizeof lease->server_name);
	fill_text(lease->posix_zone, old->posix_zone, sizeof lease->posix_zone);
	fill_text(lease->tz_name, old->tz_name, sizeof lease->tz_name);
}

static bool same_addresses(const struct ipaddr *a, const struct ipaddr *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!ipaddr_equal(&a[i], &b[i]))
			return false;
	return true;
}

static bool same_routes(const struct lease *a, const struct lease *b)
{
	if (a->route_count != b->route_count || a->classless != b->classless)
		return false;
	for (size_t i = 0; i < a->route_count; i++)
		if (!ipaddr_equal(&a->routes[i].destination, &b->routes[i].destination) ||
			a->routes[i].prefix != b->routes[i].prefix ||
			!ipaddr_equal(&a->routes[i].gateway, &b->routes[i].gateway))
			return false;
	return same_addresses(a->routers, b->routers, LEASE_ROUTERS);
}

bool netconf_same(const struct lease *a, const struct lease *b)
{
	return ipaddr_equal(&a->address, &b->address) && a->prefix == b->prefix &&
		ipaddr_equal(&a->broadcast, &b->broadcast) && a->mtu == b->mtu && same_routes(a, b) &&
		same_addresses(a->dns, b->dns, LEASE_SERVERS) &&
		same_addresses(a->ntp, b->ntp, LEASE_SERVERS) && strcmp(a->domain, b->domain) == 0 &&
		strcmp(a->search, b->search) == 0;
}

static void put_quoted(struct text *to, const char *name, const char *value)
{
	text_format(to, "%s='", name);
	for (; *value; value++) {
		if (*value == '\'')
			text_append(to, "'\\''", 4);
		else
			text_putc(to, (unsigned char)*value < ' ' || *value == 0x7f ? '?' : *value);
	}
	text_append(to, "'\n", 2);
}

static void put_address(struct text *to, const char *name, const struct ipaddr *a)
{
	char shown[IPADDR_TEXT];

	put_quoted(to, name, ipaddr_is_unset(a) ? "0.0.0.0" : ipaddr_format(a, shown));
}

static void put_v4(struct text *to, const char *name, const struct ipaddr *a)
{
	put_address(to, name, a->family == IP_V4 ? a : &(struct ipaddr){0});
}

// netplan, to which cloud-init passes these on, refuses a whole file for an address with a zone.
static void put_v6(struct text *to, const char *name, const struct ipaddr *a)
{
	char shown[IPADDR_TEXT];

	put_quoted(to, name, a->family == IP_V6 && !ipaddr_is_link_local(a) ? ipaddr_format(a, shown) : "");
}

static void put_number(struct text *to, const char *name, uint32_t value)
{
	text_format(to, "%s='%u'\n", name, value);
}

static struct ipaddr broadcast_of(const struct lease *l)
{
	uint32_t mask = l->prefix ? ~(uint32_t)0 << (32 - l->prefix) : 0;

	if (!ipaddr_is_unset(&l->broadcast))
		return l->broadcast;
	return ipaddr_from_u32(ipaddr_to_u32(&l->address) | ~mask);
}

static struct ipaddr gateway_of(const struct lease *l)
{
	for (size_t i = 0; i < l->route_count; i++)
		if (!l->routes[i].prefix)
			return l->routes[i].gateway;
	return l->classless ? (struct ipaddr){0} : l->routers[0];
}

// In the names that initramfs-tools gives them.
static void put_ipv6(const struct netconf *c, struct text *to)
{
	const struct lease *l = c->lease;
	char address[IPADDR_TEXT];

	put_quoted(to, "DEVICE6", c->device);
	put_quoted(to, "IPV6PROTO", c->protocol6);
	put_quoted(to, "IPV6ADDR", ipaddr_format(&l->address, address));
	put_number(to, "IPV6NETMASK", l->prefix);
	put_v6(to, "IPV6DNS0", &l->dns[0]);
	put_v6(to, "IPV6DNS1", &l->dns[1]);
	put_quoted(to, "IPV6DOMAINSEARCH", l->search[0] ? l->search : l->domain);
}

void netconf_klibc(const struct netconf *c, struct text *to)
{
	const struct lease *l = c->lease;
	struct ipaddr address = {0}, broadcast = {0}, mask = {0}, gateway = gateway_of(l);

	if (l->address.family == IP_V4) { // klibc knows no other
		address = l->address;
		broadcast = broadcast_of(l);
		mask = ipaddr_prefix_to_mask(l->prefix);
	}

	put_quoted(to, "DEVICE", c->device);
	put_quoted(to, "PROTO", c->protocol);
	put_address(to, "IPV4ADDR", &address);
	put_address(to, "IPV4BROADCAST", &broadcast);
	put_address(to, "IPV4NETMASK", &mask);
	put_address(to, "IPV4GATEWAY", &gateway);
	put_v4(to, "IPV4DNS0", &l->dns[0]);
	put_v4(to, "IPV4DNS1", &l->dns[1]);
	put_quoted(to, "HOSTNAME", l->hostname);
	put_quoted(to, "DNSDOMAIN", l->domain);
	put_quoted(to, "NISDOMAIN", l->nis_domain);
	put_quoted(to, "ROOTSERVER", c->root_server[0] ? c->root_server : "0.0.0.0");
	put_quoted(to, "ROOTPATH", c->root_path);
	put_quoted(to, "filename", l->boot_file);
	put_number(to, "UPTIME", c->uptime);
	put_number(to, "DHCPLEASETIME", ipaddr_is_unset(&l->server_id) ? 0 : l->lease_time);
	put_quoted(to, "DOMAINSEARCH", l->search[0] ? l->search : l->domain);
	if (l->address.family == IP_V6)
		put_ipv6(c, to);
}

static bool name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		c == '_';
}

bool netconf_is_domain(const char *name, size_t length)
{
	if (!length || length > 253 || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] != '.' && !name_character(name[i]))
			return false;
	return true;
}

void netconf_search(const struct lease *lease, struct text *to)
{
	const char *names = lease->search[0] ? lease->search : lease->domain, *before = "";

	while (*(names += strspn(names, " "))) {
		size_t length = strcspn(names, " ");

		if (netconf_is_domain(names, length)) {
			text_format(to, "%s", before);
			text_append(to, names, length);
			before = " ";
		}
		names += length;
	}
}

const char *netconf_server(const struct lease *lease, const struct ipaddr *a, char to[NETCONF_SERVER])
{
	struct text t = text_of(to, NETCONF_SERVER);
	char shown[IPADDR_TEXT];

	text_format(&t, "%s", ipaddr_format(a, shown));
	if (ipaddr_is_link_local(a) && lease->zone)
		text_format(&t, "%%%u", lease->zone);
	return to;
}

void netconf_resolv(const struct lease *lease, struct text *to)
{
	char search[LEASE_TEXT], shown[NETCONF_SERVER];
	struct text s = text_of(search, sizeof search);

	if (ipaddr_is_unset(&lease->dns[0]))
		return;
	netconf_search(lease, &s);
	if (s.length)
		text_format(to, "search %s\n", search);
	for (size_t i = 0; i < LEASE_SERVERS && !ipaddr_is_unset(&lease->dns[i]); i++)
		text_format(to, "nameserver %s\n", netconf_server(lease, &lease->dns[i], shown));
}

void netconf_hostname(const char *name, char to[NETCONF_HOSTNAME])
{
	size_t length = 0;

	to[0] = 0;
	while (name_character(name[length]))
		length++;
	if (!length || length >= NETCONF_HOSTNAME || name[0] == '-' ||
		(name[length] && name[length] != '.'))
		return;
	memcpy(to, name, length);
	to[length] = 0;
}
