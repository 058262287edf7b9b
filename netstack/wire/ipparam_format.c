// SPDX-License-Identifier: BSD-2-Clause
// Writing ip=: one function for each field, in the order of the grammar. A field that says nothing
// is empty, and the colons behind the last one that says something are left out.
#include "netstack/wire/ipparam.h"

static void put_address(struct text *to, const struct ipaddr *a)
{
	char shown[IPADDR_TEXT];

	if (!ipaddr_is_unset(a))
		text_format(to, a->family == IP_V6 ? "[%s]" : "%s", ipaddr_format(a, shown));
}

static void put_client(struct text *to, const struct ipparam *p)
{
	put_address(to, &p->client);
}

static void put_server(struct text *to, const struct ipparam *p)
{
	put_address(to, &p->server);
}

static void put_gateway(struct text *to, const struct ipparam *p)
{
	put_address(to, &p->gateway);
}

// As dotted quad, which every other reader of ip= knows.
static void put_mask(struct text *to, const struct ipparam *p)
{
	struct ipaddr mask = ipaddr_prefix_to_mask(p->prefix);

	if (p->has_mask && (p->prefix == 32 || p->client.family == IP_V6))
		text_format(to, "%u", p->prefix); // 255.255.255.255 means: not given
	else if (p->has_mask)
		put_address(to, &mask);
}

static void put_hostname(struct text *to, const struct ipparam *p)
{
	text_format(to, "%s%s%s", p->hostname, p->domain[0] ? "." : "", p->domain);
}

static void put_device(struct text *to, const struct ipparam *p)
{
	text_format(to, "%s", p->device);
}

// The word, where it does not follow from the presence of an address.
static void put_autoconf(struct text *to, const struct ipparam *p)
{
	static const char *const words[] = {[IPPARAM_BOOTP] = "bootp", [IPPARAM_ROUTER] = "auto6",
		[IPPARAM_DHCP6] = "dhcp6", [IPPARAM_EITHER6] = "either6", [IPPARAM_LINK6] = "link6"};
	bool has_client = !ipaddr_is_unset(&p->client);

	if (p->client_id_length) {
		text_format(to, "dhcp,%u,", p->client_id[0]);
		text_append(to, (const char *)p->client_id + 1, p->client_id_length - 1u);
	} else if (words[p->autoconf]) {
		text_format(to, "%s", words[p->autoconf]);
	} else if (p->autoconf == IPPARAM_DHCP && has_client) {
		text_format(to, "dhcp");
	} else if (p->autoconf == IPPARAM_STATIC && !has_client) {
		text_format(to, "off");
	}
}

static void put_dns0_or_mtu(struct text *to, const struct ipparam *p)
{
	if (p->mtu)
		text_format(to, "%u", p->mtu);
	else
		put_address(to, &p->dns[0]);
}

static void put_dns1_or_hwaddr(struct text *to, const struct ipparam *p)
{
	if (p->has_hwaddr)
		text_hwaddr(to, p->hwaddr, sizeof p->hwaddr, ':');
	else if (!p->mtu)
		put_address(to, &p->dns[1]);
}

static void put_ntp(struct text *to, const struct ipparam *p)
{
	if (!p->mtu && !p->has_hwaddr)
		put_address(to, &p->ntp);
}

static void (*const fields[])(struct text *to, const struct ipparam *p) = {
	put_client,
	put_server,
	put_gateway,
	put_mask,
	put_hostname,
	put_device,
	put_autoconf,
	put_dns0_or_mtu,
	put_dns1_or_hwaddr,
	put_ntp,
};

// Whether nothing but autoconf says anything: then the bare word is enough.
static bool is_bare(const struct ipparam *p)
{
	return ipaddr_is_unset(&p->client) && ipaddr_is_unset(&p->server) &&
	       ipaddr_is_unset(&p->gateway) && !p->has_mask && !p->hostname[0] && !p->device[0] &&
	       ipaddr_is_unset(&p->dns[0]) && ipaddr_is_unset(&p->dns[1]) &&
	       ipaddr_is_unset(&p->ntp) && !p->mtu && !p->has_hwaddr;
}

static void put_bare(struct text *to, const struct ipparam *p)
{
	if (p->autoconf == IPPARAM_DHCP && !p->client_id_length)
		text_format(to, "dhcp"); // which as a field need not be said
	else
		put_autoconf(to, p);
}

void ipparam_format(const struct ipparam *p, struct text *to)
{
	char content[sizeof p->hostname + sizeof p->domain];
	int colons = 0; // owed before the next field that says something

	if (is_bare(p)) {
		put_bare(to, p);
		return;
	}
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++, colons++) {
		struct text t = text_of(content, sizeof content);

		fields[i](&t, p);
		for (; t.length && colons; colons--)
			text_putc(to, ':');
		text_append(to, content, t.length);
	}
}
