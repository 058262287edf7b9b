// SPDX-License-Identifier: BSD-2-Clause
// From DHCP messages to what a booting machine does with them (RFC 2131, 2132, 3397, 3442, 5071).
// Addresses that no host can have are left out; contradictory times and masks get their defaults.
#include "netstack/lease.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"
#include "netstack/wire/dhcp.h"

enum {
	MTU_SMALLEST = 576,  // RFC 791: what every link carries
	LEASE_SHORTEST = 16, // seconds; anything less would be renewed without end
	OPTION_MAX = 512,    // longest list of names or routes looked at
};

static void read_addresses(struct ipaddr *to, size_t max, const struct dhcp_message *m,
	uint8_t code)
{
	struct ipaddr found[LEASE_SERVERS * 2];
	size_t count = dhcp_option_ips(m, code, found, sizeof found / sizeof *found), used = 0;

	for (size_t i = 0; i < count && used < max; i++)
		if (ipaddr_is_host(&found[i]))
			to[used++] = found[i];
}

static struct ipaddr read_address(const struct dhcp_message *m, uint8_t code)
{
	struct ipaddr a = {0};

	read_addresses(&a, 1, m, code);
	return a;
}

// Any address that a subnet's broadcast could be.
static struct ipaddr read_broadcast(const struct dhcp_message *m)
{
	struct ipaddr a;

	if (dhcp_option_ips(m, DHCP_OPTION_BROADCAST_ADDRESS, &a, 1) == 1 &&
		(ipaddr_is_host(&a) || ipaddr_is_broadcast(&a)))
		return a;
	return (struct ipaddr){0};
}

static uint8_t read_prefix(const struct dhcp_message *m)
{
	struct ipaddr mask;

	if (dhcp_option_ips(m, DHCP_OPTION_SUBNET_MASK, &mask, 1) == 1) {
		int prefix = ipaddr_mask_to_prefix(&mask);

		if (prefix > 0)
			return (uint8_t)prefix;
	}
	return (uint8_t)ipaddr_classful_prefix(&m->yiaddr);
}

static struct ipaddr network_of(const struct ipaddr *a, unsigned prefix)
{
	struct ipaddr mask = ipaddr_prefix_to_mask(prefix);

	return ipaddr_from_u32(ipaddr_to_u32(a) & ipaddr_to_u32(&mask));
}

static void add_route(struct lease *lease, const struct ipaddr *destination, unsigned prefix,
	const struct ipaddr *gateway)
{
	struct lease_route *route = &lease->routes[lease->route_count];

	if (lease->route_count == LEASE_ROUTES)
		return;
	lease->route_count++;
	route->destination = network_of(destination, prefix);
	route->prefix = (uint8_t)prefix;
	route->gateway = ipaddr_is_host(gateway) ? *gateway : (struct ipaddr){0};
}

// The joined option in `bytes`; an empty reader if it is absent.
static struct reader read_option(const struct dhcp_message *m, uint8_t code,
	uint8_t bytes[OPTION_MAX])
{
	int length = dhcp_option(m, code, bytes, OPTION_MAX);

	if (length < 0)
		length = 0;
	return reader_of(bytes, length < OPTION_MAX ? (size_t)length : OPTION_MAX);
}

// Option 121 (RFC 3442): prefix length, as many bytes of the destination as it covers, gateway.
static void read_classless_routes(struct lease *lease, const struct dhcp_message *m)
{
	uint8_t bytes[OPTION_MAX];
	struct reader r = read_option(m, DHCP_OPTION_CLASSLESS_ROUTES, bytes);

	while (reader_left(&r)) {
		uint8_t prefix = read_u8(&r), d[4] = {0};
		struct ipaddr destination, gateway;

		if (prefix > 32)
			break;
		read_bytes(&r, d, (prefix + 7u) / 8);
		gateway = ipaddr_from_u32(read_u32(&r));
		if (r.failed)
			break;
		destination = ipaddr_v4(d[0], d[1], d[2], d[3]);
		add_route(lease, &destination, prefix, &gateway);
	}
	lease->classless = lease->route_count > 0;
}

// Option 33 (RFC 2132 section 5.8): pairs of a destination and its router. A destination is a
// network of its class, or one host; the default route may not be one.
static void read_static_routes(struct lease *lease, const struct dhcp_message *m)
{
	struct ipaddr pairs[LEASE_ROUTES * 2];
	size_t count = dhcp_option_ips(m, DHCP_OPTION_STATIC_ROUTE, pairs, LEASE_ROUTES * 2);

	for (size_t i = 0; i + 1 < count; i += 2) {
		unsigned prefix = ipaddr_classful_prefix(&pairs[i]);
		struct ipaddr network = network_of(&pairs[i], prefix);

		if (ipaddr_is_host(&pairs[i]) && ipaddr_is_host(&pairs[i + 1]))
			add_route(lease, &pairs[i], ipaddr_equal(&network, &pairs[i]) ? prefix : 32,
				&pairs[i + 1]);
	}
}

static void read_routes(struct lease *lease, const struct dhcp_message *m)
{
	read_classless_routes(lease, m);
	if (lease->classless)
		return;
	read_static_routes(lease, m);
	read_addresses(lease->routers, LEASE_ROUTERS, m, DHCP_OPTION_ROUTER);
}

// RFC 2131 section 4.4.5: T1 is half, T2 seven eighths of the lease, unless the server gives times
// in the right order (and a T1 that does not mean to renew without end).
static void read_times(struct lease *lease, const struct dhcp_message *m)
{
	uint32_t time = LEASE_FOREVER, t1, t2;

	dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &time);
	if (time < LEASE_SHORTEST)
		time = LEASE_SHORTEST;
	lease->lease_time = time;
	if (time == LEASE_FOREVER) {
		lease->renewal_time = lease->rebinding_time = LEASE_FOREVER;
		return;
	}
	if (!dhcp_option_u32(m, DHCP_OPTION_RENEWAL_TIME, &t1))
		t1 = time / 2;
	if (!dhcp_option_u32(m, DHCP_OPTION_REBINDING_TIME, &t2))
		t2 = time - time / 8;
	if (t1 < LEASE_SHORTEST / 2 || t1 >= t2 || t2 >= time) {
		t1 = time / 2;
		t2 = time - time / 8;
	}
	lease->renewal_time = t1;
	lease->rebinding_time = t2;
}

// One label of a domain name, appended. False for bytes that a name in resolv.conf may not have.
static bool read_label(struct reader *r, size_t length, struct text *to)
{
	struct reader label = read_sub(r, length);

	while (reader_left(&label)) {
		char c = (char)read_u8(&label);

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '-' || c == '_'))
			return false;
		text_putc(to, c);
	}
	return !label.failed;
}

// A name in DNS form (RFC 1035 section 4.1.4); pointers count from the start of the option and may
// only go back, so that they end. Leaves *r behind the name. False if it is malformed.
static bool read_name(struct reader *r, const uint8_t *start, struct text *to)
{
	struct reader at = *r;
	const uint8_t *lowest = r->at;
	bool jumped = false;

	for (;;) {
		uint8_t length = read_u8(&at);

		if (length >= 0xc0) {
			size_t offset = (length & 0x3fu) << 8 | read_u8(&at);

			if (!jumped)
				*r = at;
			if (at.failed || offset >= (size_t)(lowest - start))
				return false;
			lowest = start + offset;
			at.at = lowest;
			jumped = true;
			continue;
		}
		if (length > 63 || at.failed)
			return false;
		if (length == 0)
			break;
		if (to->length)
			text_putc(to, '.');
		if (!read_label(&at, length, to))
			return false;
	}
	if (!jumped)
		*r = at;
	return true;
}

// Option 119 (RFC 3397). Ends at the first name that is malformed or does not fit.
static void read_search(struct lease *lease, const struct dhcp_message *m)
{
	struct text search = text_of(lease->search, sizeof lease->search);
	uint8_t bytes[OPTION_MAX];
	struct reader r = read_option(m, DHCP_OPTION_DOMAIN_SEARCH, bytes);

	while (reader_left(&r)) {
		char name[LEASE_TEXT];
		struct text t = text_of(name, sizeof name);

		if (!read_name(&r, bytes, &t) || t.cut ||
			search.length + 1 + t.length >= sizeof lease->search)
			return;
		if (t.length)
			text_format(&search, "%s%s", search.length ? " " : "", name);
	}
}

static void read_texts(struct lease *lease, const struct dhcp_message *m)
{
	dhcp_option_text(m, DHCP_OPTION_HOST_NAME, lease->hostname, sizeof lease->hostname);
	dhcp_option_text(m, DHCP_OPTION_DOMAIN_NAME, lease->domain, sizeof lease->domain);
	dhcp_option_text(m, DHCP_OPTION_NIS_DOMAIN, lease->nis_domain, sizeof lease->nis_domain);
	dhcp_option_text(m, DHCP_OPTION_ROOT_PATH, lease->root_path, sizeof lease->root_path);
	dhcp_option_text(m, DHCP_OPTION_POSIX_ZONE, lease->posix_zone, sizeof lease->posix_zone);
	dhcp_option_text(m, DHCP_OPTION_TZ_NAME, lease->tz_name, sizeof lease->tz_name);
	read_search(lease, m);
}

static bool read_boot_file(char file[LEASE_FILE], const struct dhcp_message *m)
{
	return dhcp_file(m, file, LEASE_FILE) ||
	       dhcp_option_text(m, DHCP_OPTION_BOOTFILE_NAME, file, LEASE_FILE);
}

static bool read_server_name(char name[LEASE_TEXT], const struct dhcp_message *m)
{
	return dhcp_option_text(m, DHCP_OPTION_TFTP_SERVER_NAME, name, LEASE_TEXT) ||
	       dhcp_sname(m, name, LEASE_TEXT);
}

// siaddr, else option 66 if it is an address, else the server identifier; unset if there is none.
static struct ipaddr read_next_server(const struct dhcp_message *m)
{
	char name[LEASE_TEXT];
	struct ipaddr a;

	if (ipaddr_is_host(&m->siaddr))
		return m->siaddr;
	if (dhcp_option_text(m, DHCP_OPTION_TFTP_SERVER_NAME, name, sizeof name) &&
		ipaddr_parse(&a, name, strlen(name)) && ipaddr_is_host(&a))
		return a;
	return read_address(m, DHCP_OPTION_SERVER_IDENTIFIER);
}

// The name of the next server, where only option 66 says who that is.
static void read_next_host(char to[LEASE_TEXT], const struct dhcp_message *m)
{
	struct ipaddr a;

	to[0] = 0;
	if (!ipaddr_is_host(&m->siaddr) &&
		dhcp_option_text(m, DHCP_OPTION_TFTP_SERVER_NAME, to, LEASE_TEXT) &&
		ipaddr_parse(&a, to, strlen(to)))
		to[0] = 0;
}

// A text option that stands bare or inside option 43; what was there stays where both are absent.
static void read_pxelinux_text(char to[LEASE_FILE], const struct dhcp_message *m, uint8_t code)
{
	char found[LEASE_FILE];
	int length;

	if (!dhcp_option_text(m, code, found, sizeof found)) {
		length = dhcp_suboption(m, DHCP_OPTION_VENDOR_SPECIFIC, code, found,
			sizeof found - 1);
		if (length < 0)
			return;
		found[length < LEASE_FILE ? length : LEASE_FILE - 1] = 0;
	}
	if (found[0])
		memcpy(to, found, sizeof found);
}

static void read_pxelinux(struct lease *lease, const struct dhcp_message *m)
{
	uint8_t bytes[4] = {0};
	struct reader r = reader_of(bytes, sizeof bytes);

	read_pxelinux_text(lease->config_file, m, DHCP_OPTION_CONFIG_FILE);
	read_pxelinux_text(lease->path_prefix, m, DHCP_OPTION_PATH_PREFIX);
	read_pxelinux_text(lease->replay, m, DHCP_OPTION_REPLAY);
	if (!dhcp_option_u32(m, DHCP_OPTION_REBOOT_TIME, &lease->reboot_time) &&
		dhcp_suboption(m, DHCP_OPTION_VENDOR_SPECIFIC, DHCP_OPTION_REBOOT_TIME, bytes,
			sizeof bytes) == sizeof bytes)
		lease->reboot_time = read_u32(&r);
}

void lease_add_discover(struct lease *lease, const struct dhcp_message *discover)
{
	uint8_t id[LEASE_CLIENT_ID];
	int length = dhcp_option(discover, DHCP_OPTION_CLIENT_ID, id, sizeof id);

	if (length <= 0 || length > LEASE_CLIENT_ID)
		return;
	memcpy(lease->client_id, id, (size_t)length);
	lease->client_id_length = (uint8_t)length;
}

bool lease_read(struct lease *lease, const struct dhcp_message *ack, struct fault *fault)
{
	char shown[IPADDR_TEXT], server[IPADDR_TEXT];

	*lease = (struct lease){0};
	lease->server_id = read_address(ack, DHCP_OPTION_SERVER_IDENTIFIER);
	if (ack->op != DHCP_BOOTREPLY || !ipaddr_is_host(&ack->yiaddr))
		return fault_set(fault, FAULT_DHCP_BAD, "(server %s gives the address %s)",
			ipaddr_format(&lease->server_id, server),
			ipaddr_format(&ack->yiaddr, shown));
	lease->address = ack->yiaddr;
	lease->prefix = read_prefix(ack);
	lease->next_server = read_next_server(ack);
	read_next_host(lease->next_host, ack);
	lease->relay = ack->giaddr;
	lease->broadcast = read_broadcast(ack);
	read_routes(lease, ack);
	read_addresses(lease->tftp_servers, LEASE_SERVERS, ack, DHCP_OPTION_TFTP_SERVERS);
	read_addresses(lease->dns, LEASE_SERVERS, ack, DHCP_OPTION_DOMAIN_NAME_SERVER);
	read_addresses(lease->ntp, LEASE_SERVERS, ack, DHCP_OPTION_NTP_SERVERS);
	read_addresses(lease->log_servers, LEASE_SERVERS, ack, DHCP_OPTION_LOG_SERVER);
	read_times(lease, ack);
	dhcp_option_u16(ack, DHCP_OPTION_INTERFACE_MTU, &lease->mtu);
	if (lease->mtu < MTU_SMALLEST)
		lease->mtu = 0;
	read_texts(lease, ack);
	read_boot_file(lease->boot_file, ack);
	read_server_name(lease->server_name, ack);
	read_pxelinux(lease, ack);
	lease_add_discover(lease, ack);
	return true;
}

void lease_add_proxy(struct lease *lease, const struct dhcp_message *proxy)
{
	struct ipaddr server = read_next_server(proxy), servers[LEASE_SERVERS] = {{0}};
	char file[LEASE_FILE], name[LEASE_TEXT];

	if (read_boot_file(file, proxy)) {
		memcpy(lease->boot_file, file, sizeof file);
		if (!ipaddr_is_unset(&server)) {
			lease->next_server = server;
			read_next_host(lease->next_host, proxy);
		}
		if (read_server_name(name, proxy))
			memcpy(lease->server_name, name, sizeof name);
		else
			lease->server_name[0] = 0;
	}
	read_addresses(servers, LEASE_SERVERS, proxy, DHCP_OPTION_TFTP_SERVERS);
	if (!ipaddr_is_unset(&servers[0]))
		memcpy(lease->tftp_servers, servers, sizeof servers);
	read_pxelinux(lease, proxy);
}
