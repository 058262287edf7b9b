// SPDX-License-Identifier: BSD-2-Clause
// Each card is a small state machine; network_step runs them all. No card is waited for alone, and
// none is asked for its link by polling: the kernel's events say when it runs. A packet socket is
// opened only then.
#include "initramfs/net/network_parts.h"

#include "initramfs/entropy.h"
#include "initramfs/logserver.h"
#include "initramfs/milestone.h"
#include "initramfs/net/address.h"
#include "initramfs/net/cards.h"
#include "initramfs/net/phy.h"
#include "initramfs/net/solicited.h"
#include "initramfs/net/vlans.h"
#include "initramfs/system/netconf.h"

#include <string.h>

enum {
	LOOK_EVERY = 25, LOOK_FOR = 2000, // ms, after a card was raised
	NEGOTIATE_FOR = 4000, // ms
};

void network_set_state(struct nic *nic, enum nic_state state, uint64_t now)
{
	nic->state = state;
	nic->since = now;
}

static void complain(const struct nic *nic, const char *what, int error)
{
	if (error)
		milestone_notice("%s: %s: %s", nic->link.name, what, strerror(error));
}

bool network_start(struct network *n, const struct cmdline *cmdline, const struct record *record,
	uint64_t now, struct fault *fault)
{
	int error;

	*n = (struct network){.cmdline = cmdline, .record = record, .started = now, .groups = -1};
	entropy_seed(&n->random);
	cards_read(n);
	error = netlink_open(&n->netlink);
	if (error)
		return fault_set(fault, FAULT_NO_NIC, "(netlink: %s)", strerror(error));
	return true;
}

// ---- configuring --------------------------------------------------------------------------------

static const char *const source_names[] = {
	[NETWORK_STATIC] = "set by ip=",
	[NETWORK_RECORD] = "from the boot program's lease",
	[NETWORK_DHCP] = "leased by DHCP",
	[NETWORK_ROUTER] = "announced by a router",
	[NETWORK_DHCP6] = "leased by DHCPv6",
	[NETWORK_LINK] = "of this link only",
	[NETWORK_STATIC6] = "set by ip=",
};

// What ip= says besides "dhcp" stands above the lease.
static void apply_parameter(struct lease *lease, const struct ipparam *p)
{
	if (!ipaddr_is_unset(&p->server))
		lease->next_server = p->server;
	if (!ipaddr_is_unset(&p->dns[0])) {
		memset(lease->dns, 0, sizeof lease->dns);
		lease->dns[0] = p->dns[0];
		lease->dns[1] = p->dns[1];
	}
	if (!ipaddr_is_unset(&p->ntp)) {
		memset(lease->ntp, 0, sizeof lease->ntp);
		lease->ntp[0] = p->ntp;
	}
	if (p->hostname[0])
		memcpy(lease->hostname, p->hostname, sizeof p->hostname);
	if (p->mtu)
		lease->mtu = p->mtu;
}

// What the command line says besides.
static void complete(struct network *n, const struct nic *nic)
{
	const struct ipparam *p = cards_parameter(n, nic);

	if (p)
		apply_parameter(&n->lease, p);
	words_add_nameservers(&n->words, &n->lease);
	n->lease.zone = (uint32_t)nic->link.index;
	network6_complete(nic, &n->lease);
}

static void add_routes(struct network *n, const struct nic *nic)
{
	for (size_t i = 0; i < n->words.route_count; i++) {
		const struct linkparam_route *r = &n->words.routes[i];

		if (!r->device[0] || cards_is_called(nic, r->device))
			address_add_route(&n->netlink, &nic->link, &n->lease, &r->destination, r->prefix,
				&r->gateway);
		else
			milestone_notice("rd.route= by %s is left out: the root is reached by %s",
				r->device, nic->link.name);
	}
}

// The others need not go on asking; should the winner lose its address, they begin again.
static void stop_others(struct network *n, uint64_t now)
{
	for (size_t i = 0; i < n->nic_count; i++) {
		struct nic *nic = &n->nics[i];

		if (nic->state != NIC_ASKING && nic->state != NIC_LISTENING && nic->state != NIC_SOLICITING)
			continue;
		dhcp_end(&nic->dhcp);
		dhcp6_end(&nic->dhcp6);
		network_set_state(nic, NIC_RAISED, now);
	}
}

bool network_win(struct network *n, struct nic *nic, const struct lease *lease,
	enum network_source source, uint64_t now)
{
	char address[IPADDR_TEXT];

	if (source < NETWORK_ROUTER && !address_set(&n->netlink, &nic->link, lease)) {
		network_set_state(nic, NIC_FAILED, now);
		return false;
	}
	n->root = nic;
	n->lease = *lease;
	complete(n, nic);
	if (source >= NETWORK_ROUTER && n->lease.mtu)
		complain(nic, "MTU", netlink_set_mtu(&n->netlink, nic->link.index, n->lease.mtu));
	add_routes(n, nic);
	n->source = source;
	n->confirmed = source != NETWORK_RECORD;
	n->configured = now;
	n->generation++;
	dhcp6_end(&nic->dhcp6);
	network_set_state(nic, NIC_READY, now);
	stop_others(n, now);
	logserver_open(n->cmdline->log, lease, nic->link.hwaddr);
	milestone("%s has %s/%u, %s", nic->link.name, ipaddr_format(&lease->address, address),
		lease->prefix, source_names[source]);
	return true;
}

static void lose(struct network *n)
{
	address_clear(&n->netlink, &n->root->link, &n->lease);
	n->root = NULL;
}

// ---- the ways to an address ---------------------------------------------------------------------

static void prepare_client(struct network *n, const struct nic *nic, struct dhcp_client_config *cfg)
{
	const struct ipparam *p = cards_parameter(n, nic);

	*cfg = (struct dhcp_client_config){
		.random = &n->random,
		.hwaddr_length = sizeof nic->link.hwaddr,
		.hwtype = 1,
		.start = DHCP_SELECTING,
		.vendor_class = n->cmdline->dhcp_class,
		.hostname = p && p->hostname[0] ? p->hostname : NULL,
		.arch = -1,
	};
	memcpy(cfg->hwaddr, nic->link.hwaddr, sizeof nic->link.hwaddr);
	if (p && p->client.family == IP_V4 && !ipaddr_is_unset(&p->client)) {
		cfg->start = DHCP_REBOOTING;
		cfg->address = p->client;
	}
	if (p && p->client_id_length) {
		cfg->client_id = p->client_id;
		cfg->client_id_length = p->client_id_length;
	}
	if (!cards_fits_record(n, nic))
		return;
	if (!cfg->client_id && n->record->lease.client_id_length) {
		cfg->client_id = n->record->lease.client_id;
		cfg->client_id_length = n->record->lease.client_id_length;
	}
	cfg->uuid = n->record->has_uuid ? n->record->uuid : NULL;
}

static bool ask(struct nic *nic, const struct dhcp_client_config *cfg,
	uint64_t now)
{
	int error = dhcp_begin(&nic->dhcp, nic->link.index, cfg, now);

	complain(nic, "DHCP", error);
	network_set_state(nic, error ? NIC_RAISED : NIC_ASKING, now);
	return !error;
}

// The recorded address is configured first: its confirmation goes out from it.
static void use_record(struct network *n, struct nic *nic, uint64_t now)
{
	const struct lease *lease = &n->record->lease;
	struct dhcp_client_config cfg;

	prepare_client(n, nic, &cfg);
	cfg.start = DHCP_RENEWING;
	cfg.address = lease->address;
	cfg.server = lease->server_id;
	if (!ask(nic, &cfg, now))
		return;
	if (!network_win(n, nic, lease, NETWORK_RECORD, now))
		return;
	complain(nic, "unicast", dhcp_use_address(&nic->dhcp, nic->link.name, &lease->address));
}

static void use_static(struct network *n, struct nic *nic, const struct ipparam *p, uint64_t now)
{
	struct lease lease;

	netconf_from_parameter(&lease, p);
	// ip= with the very address that the boot program leased is its own doing (SYSAPPEND): what the
	// lease knows besides holds too.
	if (cards_fits_record(n, nic) &&
		ipaddr_equal(&lease.address, &n->record->lease.address))
		netconf_fill(&lease, &n->record->lease);
	network_win(n, nic, &lease, NETWORK_STATIC, now);
}

static void begin(struct network *n, struct nic *nic, uint64_t now)
{
	const struct ipparam *p = cards_static(n, nic), *any = cards_parameter(n, nic);
	struct dhcp_client_config cfg;

	milestone("%s has a link", nic->link.name);
	if (p && p->client.family != IP_V6) {
		use_static(n, nic, p, now);
	} else if (p || (any && any->autoconf >= IPPARAM_ROUTER)) {
		network6_begin(n, nic, now);
	} else if (cards_fits_record(n, nic)) {
		use_record(n, nic, now);
	} else {
		prepare_client(n, nic, &cfg);
		ask(nic, &cfg, now);
	}
}

// ---- steps --------------------------------------------------------------------------------------

static void asking_step(struct network *n, struct nic *nic, uint64_t now)
{
	struct lease lease;

	if (!nic->link.running) {
		dhcp_end(&nic->dhcp);
		network_set_state(nic, NIC_RAISED, now);
		return;
	}
	dhcp_step(&nic->dhcp, now);
	if (dhcp_client_status(&nic->dhcp.client) != MACHINE_DONE)
		return;
	lease = nic->dhcp.client.lease;
	if (cards_fits_record(n, nic))
		netconf_fill(&lease, &n->record->lease);
	dhcp_end(&nic->dhcp);
	network_win(n, nic, &lease, NETWORK_DHCP, now);
}

void network_take(struct network *n, struct nic *nic, const struct lease *lease)
{
	n->lease = *lease;
	if (lease->address.family == IP_V4 && cards_fits_record(n, nic))
		netconf_fill(&n->lease, &n->record->lease);
	complete(n, nic);
	address_set(&n->netlink, &nic->link, &n->lease);
	add_routes(n, nic);
}

// The server has answered about the recorded lease.
static void confirm(struct network *n, struct nic *nic, uint64_t now)
{
	struct lease lease = nic->dhcp.client.lease;

	netconf_fill(&lease, &n->record->lease);
	dhcp_end(&nic->dhcp);
	if (!ipaddr_equal(&lease.address, &n->lease.address) || lease.prefix != n->lease.prefix) {
		lose(n);
		network_win(n, nic, &lease, NETWORK_DHCP, now);
		return;
	}
	network_take(n, nic, &lease);
	n->confirmed = true;
	milestone("the lease of %s is confirmed", nic->link.name);
}

static void confirming_step(struct network *n, struct nic *nic, uint64_t now)
{
	struct dhcp_client *client = &nic->dhcp.client;

	dhcp_step(&nic->dhcp, now);
	if (client->fault.id == FAULT_DHCP_NAK) {
		milestone_fault(&client->fault);
		fault_clear(&client->fault);
		lose(n);
		nic->dhcp.source = (struct ipaddr){0};
		network_set_state(nic, NIC_ASKING, now);
	} else if (dhcp_client_status(client) == MACHINE_DONE) {
		confirm(n, nic, now);
	}
}

// The event of a carrier may come a second late (netlink.c): whoever asks knows it at once.
static bool link_is_due(const struct network *n, const struct nic *nic, uint64_t now)
{
	return nic->state == NIC_RAISED && !nic->link.running && !n->root && now - nic->since < LOOK_FOR;
}

static void raised_step(struct network *n, struct nic *nic, uint64_t now)
{
	if (nic->link.running && !n->root && cards_is_used(n, nic))
		begin(n, nic, now);
	else if (link_is_due(n, nic, now) && now - n->looked >= LOOK_EVERY) {
		n->looked = now;
		netlink_look(&n->netlink);
	}
}

static void raise_card(struct network *n, struct nic *nic, uint64_t now)
{
	int error;

	solicited_join(&n->groups, nic->link.index, nic->link.hwaddr);
	error = netlink_link_up(&n->netlink, nic->link.index, true);
	complain(nic, "starting it", error);
	network_set_state(nic, error ? NIC_FAILED : NIC_RAISED, now);
}

static void negotiating_step(struct network *n, struct nic *nic, uint64_t now)
{
	if (!n->root && (now - nic->since >= NEGOTIATE_FOR || phy_link(nic->link.name) != PHY_NO_LINK))
		raise_card(n, nic, now);
}

static void idle_step(struct network *n, struct nic *nic, uint64_t now)
{
	if (n->root || !cards_may_start(n, nic, now))
		return;
	network_set_state(nic, NIC_NEGOTIATING, now);
	if (nic->late)
		negotiating_step(n, nic, now);
	else
		raise_card(n, nic, now);
}

static void nic_step(struct network *n, struct nic *nic, uint64_t now)
{
	switch (nic->state) {
	case NIC_IDLE:
		idle_step(n, nic, now);
		break;
	case NIC_NEGOTIATING:
		negotiating_step(n, nic, now);
		break;
	case NIC_RAISED:
		raised_step(n, nic, now);
		break;
	case NIC_ASKING:
		if (!n->root)
			asking_step(n, nic, now);
		break;
	case NIC_LISTENING:
	case NIC_SOLICITING:
		if (!n->root)
			network6_step(n, nic, now);
		break;
	case NIC_READY:
		if (nic->dhcp.running)
			confirming_step(n, nic, now);
		break;
	case NIC_FAILED:
		break;
	}
}

static struct nic *nic_of(struct network *n, int index)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].link.index == index)
			return &n->nics[i];
	return NULL;
}

static void link_event(void *owner, const struct netlink_link *link)
{
	struct network *n = owner;
	struct nic *nic = nic_of(n, link->index);

	if (nic) {
		nic->link = *link;
		if (link->gone)
			nic->link.running = false;
		return;
	}
	if (!link->ethernet || link->gone || n->nic_count == NETWORK_NICS ||
		!(link->below ? vlans_is_one(n, link->name) : cards_is_wired(link->name)))
		return;
	nic = &n->nics[n->nic_count++];
	*nic = (struct nic){.link = *link, .late = cards_notices_late(link->name)};
}

static void announced_event(void *owner, int index, const void *option, size_t length)
{
	struct network *n = owner;
	struct nic *nic = nic_of(n, index);

	if (!nic)
		return;
	ndisc_read_dns(&nic->announced, option, length);
	if (nic == n->root)
		network6_complete(nic, &n->lease);
}

// The card that booted the machine goes first, so that of two answers at once its own wins.
static void step_cards(struct network *n, bool bootif, uint64_t now)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (cards_is_bootif(n, &n->nics[i]) == bootif && !n->nics[i].link.gone)
			nic_step(n, &n->nics[i], now);
}

void network_step(struct network *n, bool drivers_pending, uint64_t now)
{
	const struct netlink_listener listener = {
		.owner = n, .link = link_event, .announced = announced_event};
	size_t known = n->nic_count;

	n->drivers_pending = drivers_pending;
	netlink_read(&n->netlink, &listener);
	for (; known < n->nic_count; known++) {
		n->nics[known].since = now;
		cards_resolve(n, &n->nics[known]);
	}
	vlans_step(n);
	cards_decide(n, now);
	step_cards(n, true, now);
	if (!n->root && !n->all_tried && cards_all_may(n, now)) {
		n->all_tried = true;
		if (n->has_bootif && n->nic_count > 1)
			milestone_notice("the card that booted is not usable yet: all cards are tried");
	}
	step_cards(n, false, now);
}

size_t network_polls(const struct network *n, struct pollfd polls[NETWORK_POLLS])
{
	size_t count = 0;

	polls[count++] = (struct pollfd){.fd = n->netlink.events, .events = POLLIN};
	for (size_t i = 0; i < n->nic_count; i++) {
		const struct dhcp *d = &n->nics[i].dhcp;

		if (d->running)
			polls[count++] = (struct pollfd){.fd = d->packet.raw, .events = POLLIN};
		else if (n->nics[i].dhcp6.running)
			polls[count++] = (struct pollfd){.fd = n->nics[i].dhcp6.socket, .events = POLLIN};
	}
	return count;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t network_deadline(const struct network *n, uint64_t now)
{
	uint64_t deadline = DEADLINE_NEVER;

	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].dhcp.running)
			deadline = sooner(deadline, dhcp_client_deadline(&n->nics[i].dhcp.client));
	for (size_t i = 0; i < n->nic_count; i++) {
		uint64_t last = n->nics[i].since > n->looked ? n->nics[i].since : n->looked;

		if (link_is_due(n, &n->nics[i], last))
			deadline = sooner(deadline, last + LOOK_EVERY);
	}
	for (size_t i = 0; i < n->nic_count && !n->root; i++)
		if (n->nics[i].link.gone)
			continue;
		else if (n->nics[i].state == NIC_LISTENING || n->nics[i].state == NIC_SOLICITING)
			deadline = sooner(deadline, network6_deadline(&n->nics[i], now));
		else if (n->nics[i].state == NIC_NEGOTIATING)
			deadline = sooner(deadline, now + LOOK_EVERY);
	if (!n->root)
		deadline = sooner(deadline, cards_deadline(n));
	if (n->root && !n->confirmed)
		deadline = sooner(deadline, n->configured + NETWORK_CONFIRM);
	return deadline;
}

bool network_settled(const struct network *n, uint64_t now)
{
	return n->root && (n->confirmed || now - n->configured >= NETWORK_CONFIRM);
}

void network_end(struct network *n)
{
	const struct nic *below = vlans_below(n, n->root);

	for (size_t i = 0; i < n->nic_count; i++) {
		struct nic *nic = &n->nics[i];

		dhcp_end(&nic->dhcp);
		dhcp6_end(&nic->dhcp6);
		if (nic != n->root && nic != below && !nic->link.gone && nic->state != NIC_IDLE)
			netlink_link_up(&n->netlink, nic->link.index, false);
	}
	solicited_end(&n->groups);
}
