// SPDX-License-Identifier: BSD-2-Clause
// The ways to an IPv6 address (network_parts.h). All begin with the address that the kernel gives the card
// on its link, once it knows that nobody else has it. The kernel also asks routers for their announcements,
// makes the address and the routes that these tell of, and keeps both up to date later.
//
//   link6     the link's address is enough
//   auto6     an address made from an announcement; if that tells of DHCPv6, other configuration by it
//   dhcp6     an address by DHCPv6, and the routes of an announcement
//   [address] the one of ip=, once the kernel knows that nobody else has it
//   either6   what the announcement says (RFC 4861 section 4.2, the flags M and O); DHCPv6 if there is none
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/net/address.h"
#include "initramfs/net/cards.h"
#include "initramfs/net/inet6.h"
#include "initramfs/net/network_parts.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/netconf.h"

#include <string.h>

enum {
	LOOK_EVERY = 100,      // ms
	ROUTES = 4000,         // ms that an address by DHCPv6 waits for a router's announcement
	INFORM = 3000,         // ms for other configuration
	LIST = 4096,
	LINK_PREFIX = 64,
	AGAIN = 5000,          // ms after which an address of ip= that the card did not get is tried again
};

static enum ipparam_autoconf way_of(const struct network *n, const struct nic *nic)
{
	const struct ipparam *p = cards_parameter(n, nic);

	return p ? p->autoconf : IPPARAM_ROUTER;
}

static void set_sysctl(const struct nic *nic, const char *name, const char *value)
{
	char path[80];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/proc/sys/net/ipv6/conf/%s/%s", nic->link.name, name);
	file_set(path, value);
}

// accept_ra=2: the routes stay up to date also where the running system forwards packets.
void network6_begin(struct network *n, struct nic *nic, uint64_t now)
{
	(void)n;
	set_sysctl(nic, "accept_ra", "2");
	nic->way6 = (struct way6){0};
	network_set_state(nic, NIC_LISTENING, now);
}

void network6_complete(const struct nic *nic, struct lease *lease)
{
	const struct ndisc_dns *announced = &nic->announced;

	_Static_assert(sizeof lease->search >= sizeof announced->search, "they fit");
	if (lease->address.family != IP_V6)
		return;
	for (size_t i = 0; i < NDISC_SERVERS && !ipaddr_is_unset(&announced->servers[i]); i++)
		dns_list_add(lease->dns, LEASE_SERVERS, &announced->servers[i]);
	if (!lease->search[0] && !lease->domain[0])
		memcpy(lease->search, announced->search, sizeof announced->search);
}

// ---- DHCPv6 -------------------------------------------------------------------------------------

// The machine by its firmware's UUID, as the kernel writes it, if that is its own; else by its card.
static struct dhcp6_duid identifier(const struct nic *nic)
{
	char text[64];
	uint8_t uuid[16];

	if (file_read("/sys/class/dmi/id/product_uuid", text, sizeof text) > 0 &&
		identity_read_uuid(text, uuid) && identity_tells_apart(uuid))
		return dhcp6_duid_uuid(uuid);
	return dhcp6_duid_ll(nic->link.hwaddr);
}

static void solicit(struct network *n, struct nic *nic, const struct ipaddr *local, bool inform,
	uint64_t now)
{
	const struct ipparam *p = cards_parameter(n, nic);
	const uint8_t *a = nic->link.hwaddr;
	struct dhcp6_client_config cfg = {
		.random = &n->random,
		.duid = identifier(nic),
		.iaid = (uint32_t)a[2] << 24 | (uint32_t)a[3] << 16 | (uint32_t)a[4] << 8 | a[5],
		.inform = inform,
		.hostname = p && p->hostname[0] ? p->hostname : NULL,
	};
	int error = dhcp6_begin(&nic->dhcp6, &nic->link, local, &cfg, now);

	if (error)
		milestone_notice("%s: DHCPv6: %s", nic->link.name, strerror(error));
	network_set_state(nic, error ? NIC_FAILED : NIC_SOLICITING, now);
}

// Nobody has said what is on this link: the customary prefix is taken to be, or nothing could be reached.
static void add_link_route(struct network *n, const struct nic *nic, const struct ipaddr *address)
{
	const struct ipaddr none = {0};
	struct ipaddr network = *address;
	char shown[IPADDR_TEXT];
	int error;

	memset(network.bytes + LINK_PREFIX / 8, 0, sizeof network.bytes - LINK_PREFIX / 8);
	error = netlink_add_route(&n->netlink, nic->link.index, &network, LINK_PREFIX, &none, false);
	milestone_notice("%s: no router has announced what is on this link: %s/%u is taken to be%s%s",
		nic->link.name, ipaddr_format(&network, shown), (unsigned)LINK_PREFIX, error ? ": " : "",
		error ? strerror(error) : "");
}

static void place(struct network *n, struct nic *nic, uint64_t now)
{
	const struct ipaddr none = {0};
	int error = netlink_add_address(&n->netlink, nic->link.index, &nic->dhcp6.client.lease.address, 128,
		&none);

	if (!error) {
		nic->way6.placed = now;
		return;
	}
	milestone_notice("%s: address: %s", nic->link.name, strerror(error));
	dhcp6_end(&nic->dhcp6);
	network_set_state(nic, NIC_FAILED, now);
}

static void refuse(struct network *n, struct nic *nic, uint64_t now)
{
	const struct ipaddr *a = &nic->dhcp6.client.lease.address;
	char shown[IPADDR_TEXT];

	milestone_notice("%s: another machine has %s: it is declined", nic->link.name,
		ipaddr_format(a, shown));
	netlink_delete_address(&n->netlink, nic->link.index, a, 128);
	nic->way6.placed = 0;
	dhcp6_client_decline(&nic->dhcp6.client, now);
}

// The lease's address becomes the card's: it has to be nobody else's, and to have routes.
static void settle(struct network *n, struct nic *nic, const char *list, uint64_t now)
{
	const struct lease lease = nic->dhcp6.client.lease;
	enum inet6_presence presence = inet6_presence(list, nic->link.name, &lease.address);

	if (!nic->way6.placed || presence == INET6_ABSENT) {
		place(n, nic, now);
	} else if (presence == INET6_TAKEN) {
		refuse(n, nic, now);
	} else if (presence == INET6_READY) {
		bool routed = nic->link.inet6 & INET6_RA_RECEIVED;

		if (!routed && now - nic->way6.placed < ROUTES)
			return;
		if (!routed)
			add_link_route(n, nic, &lease.address);
		network_win(n, nic, &lease, NETWORK_DHCP6, now);
	}
}

// With what DHCPv6 knows besides, or without.
static void use_announced(struct network *n, struct nic *nic, const struct lease *more, uint64_t now)
{
	struct lease lease = more ? *more : (struct lease){0};

	lease.address = nic->way6.announced;
	lease.prefix = nic->way6.prefix;
	network_win(n, nic, &lease, NETWORK_ROUTER, now);
}

static void soliciting_step(struct network *n, struct nic *nic, const char *list, uint64_t now)
{
	struct dhcp6_client *c = &nic->dhcp6.client;
	bool done;

	dhcp6_step(&nic->dhcp6, &nic->link, now);
	done = dhcp6_client_status(c) == MACHINE_DONE;
	if (!c->cfg.inform) {
		if (done)
			settle(n, nic, list, now);
		return;
	}
	if (done) {
		use_announced(n, nic, &c->lease, now);
	} else if (now - nic->since >= INFORM) {
		milestone_notice("%s: no DHCPv6 server names servers, as the router has promised", nic->link.name);
		use_announced(n, nic, NULL, now);
	}
}

// ---- an address of ip= ---------------------------------------------------------------------------

static void static_step(struct network *n, struct nic *nic, const struct ipparam *p, const char *list,
	uint64_t now)
{
	struct lease lease;
	enum inet6_presence presence;
	char shown[IPADDR_TEXT];

	netconf_from_parameter(&lease, p);
	presence = inet6_presence(list, nic->link.name, &lease.address);
	if (presence == INET6_ABSENT && (!nic->way6.placed || now - nic->way6.placed >= AGAIN)) {
		nic->way6.placed = now;
		address_set(&n->netlink, &nic->link, &lease);
	} else if (presence == INET6_READY) {
		network_win(n, nic, &lease, NETWORK_STATIC6, now);
	} else if (presence == INET6_TAKEN) {
		milestone_notice("%s: another machine has %s, which ip= gives this one", nic->link.name,
			ipaddr_format(&lease.address, shown));
		netlink_delete_address(&n->netlink, nic->link.index, &lease.address, lease.prefix);
		nic->way6.placed = now;
	}
}

// ---- the router's announcement ------------------------------------------------------------------

static void listening_step(struct network *n, struct nic *nic, const char *list, uint64_t now)
{
	enum ipparam_autoconf way = way_of(n, nic);
	const struct ipparam *given = cards_static(n, nic);
	struct ipaddr local;

	if (given) {
		static_step(n, nic, given, list, now);
		return;
	}
	if (way < IPPARAM_ROUTER) { // another card has come, and ip= with an address does not tell which it means
		network_set_state(nic, NIC_RAISED, now);
		return;
	}
	nic->way6.linked = inet6_find_link(list, nic->link.name, &local);
	if (!nic->way6.linked)
		return;
	if (way == IPPARAM_LINK6) {
		struct lease lease = {.address = local, .prefix = LINK_PREFIX};

		network_win(n, nic, &lease, NETWORK_LINK, now);
	} else if (inet6_by_dhcp(way, nic->link.inet6, now - nic->since)) {
		solicit(n, nic, &local, false, now);
	} else if (inet6_find(list, nic->link.name, &nic->way6.announced, &nic->way6.prefix)) {
		if (inet6_informs(nic->link.inet6))
			solicit(n, nic, &local, true, now);
		else
			use_announced(n, nic, NULL, now);
	}
}

void network6_step(struct network *n, struct nic *nic, uint64_t now)
{
	char list[LIST];

	if (!nic->link.running) {
		dhcp6_end(&nic->dhcp6);
		network_set_state(nic, NIC_RAISED, now);
		return;
	}
	if (now - n->looked >= LOOK_EVERY) { // for the announcement's flags
		n->looked = now;
		netlink_look(&n->netlink);
	}
	if (file_read("/proc/net/if_inet6", list, sizeof list) < 0)
		list[0] = 0;
	if (nic->state == NIC_LISTENING)
		listening_step(n, nic, list, now);
	else
		soliciting_step(n, nic, list, now);
}

uint64_t network6_deadline(const struct nic *nic, uint64_t now)
{
	uint64_t deadline = DEADLINE_NEVER;

	if (nic->state == NIC_SOLICITING)
		deadline = dhcp6_client_deadline(&nic->dhcp6.client);
	return deadline < now + LOOK_EVERY ? deadline : now + LOOK_EVERY;
}

// ---- in words -----------------------------------------------------------------------------------

void network6_awaits(const struct nic *nic, struct text *to, uint64_t now)
{
	static const char alone[] = "the kernel to find out that nobody else has the address of %s";
	const struct dhcp6_client *c = &nic->dhcp6.client;

	if (nic->state == NIC_LISTENING && nic->way6.placed)
		text_format(to, alone, nic->link.name);
	else if (nic->state == NIC_LISTENING && !nic->way6.linked)
		text_format(to, "the address of %s on its link (IPv6)", nic->link.name);
	else if (nic->state == NIC_LISTENING)
		text_format(to, "a router to announce an IPv6 network on %s", nic->link.name);
	else if (dhcp6_client_status(c) == MACHINE_DONE)
		text_format(to, nic->link.inet6 & INET6_RA_RECEIVED
			? alone
			: "a router to announce the routes of %s", nic->link.name);
	else
		text_format(to, "%s on %s (try %u, %u s)", dhcp6_client_awaits(c), nic->link.name, c->tries,
			(unsigned)(now - nic->dhcp6.started) / 1000);
}

void network6_fault(const struct nic *nic, struct fault *fault, uint64_t now)
{
	unsigned seconds = (unsigned)(now - nic->since) / 1000;
	const struct dhcp6 *d = &nic->dhcp6;

	if (nic->state == NIC_LISTENING)
		fault_set(fault, nic->way6.linked ? FAULT_NO_ROUTER : FAULT_NO_LINK_ADDRESS, "on %s in %u s",
			nic->link.name, seconds);
	else if (d->client.fault.id)
		*fault = d->client.fault;
	else
		fault_set(fault, FAULT_DHCP6_SILENT, "on %s in %u s (%u tries)%s%s", nic->link.name, seconds,
			d->client.tries, d->error ? "; sending: " : "", d->error ? strerror(d->error) : "");
}
