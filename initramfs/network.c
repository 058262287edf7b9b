// SPDX-License-Identifier: BSD-2-Clause
// Each card is a small state machine; network_step runs them all. No card is waited for alone, and
// none is asked for its link by polling: the kernel's events say when it runs. A packet socket is
// opened only then.
#include "initramfs/network.h"

#include "initramfs/milestone.h"
#include "initramfs/netconf.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { ONLY_CARD_AFTER = 3000 }; // ms until a device name that fits no card is given up

static void set_state(struct nic *nic, enum nic_state state, uint64_t now)
{
	nic->state = state;
	nic->since = now;
}

// ---- what the command line and the record say -----------------------------------------------------

static void read_parameters(struct network *n)
{
	for (size_t i = 0; i < n->cmdline->ip_count; i++) {
		const char *value = n->cmdline->ip[i];
		struct ipparam *p = &n->parameters[n->parameter_count];
		struct fault fault = {0};

		if (!*value)
			continue;
		if (!ipparam_parse(p, value, strlen(value), &fault)) {
			milestone_fault(&fault);
			milestone_notice("DHCP is used in its place");
			continue;
		}
		if (p->notice[0])
			milestone_notice("ip=%s: %s", value, p->notice);
		n->parameter_count++;
	}
}

static void read_bootif(struct network *n)
{
	const char *value = n->cmdline->bootif;

	if (value) {
		n->has_bootif = bootif_parse(n->bootif, value, strlen(value));
		if (!n->has_bootif)
			milestone_notice("BOOTIF=%s is no hardware address", value);
	}
	if (!n->has_bootif && n->record->has_hwaddr) {
		memcpy(n->bootif, n->record->hwaddr, sizeof n->bootif);
		n->has_bootif = true;
	}
}

static void seed_random(struct random *random, uint64_t now)
{
	uint8_t seed[16] = {0};

	// Early in a boot the kernel's generator may not be ready; its best effort is good enough here.
	if (getrandom(seed, sizeof seed, GRND_NONBLOCK) < 0 &&
		getrandom(seed, sizeof seed, GRND_INSECURE) < 0)
		memcpy(seed, &now, sizeof now);
	random_seed(random, seed);
}

bool network_start(struct network *n, const struct cmdline *cmdline, const struct record *record,
	uint64_t now, struct fault *fault)
{
	int error;

	*n = (struct network){.cmdline = cmdline, .record = record, .started = now};
	seed_random(&n->random, now);
	read_parameters(n);
	read_bootif(n);
	error = netlink_open(&n->netlink);
	if (error)
		return fault_set(fault, FAULT_NO_NIC, "(netlink: %s)", strerror(error));
	return true;
}

static bool is_bootif(const struct network *n, const struct nic *nic)
{
	return n->has_bootif && memcmp(nic->link.hwaddr, n->bootif, sizeof n->bootif) == 0;
}

static bool parameter_names(const struct ipparam *p, const struct nic *nic)
{
	if (p->has_hwaddr)
		return memcmp(p->hwaddr, nic->link.hwaddr, sizeof p->hwaddr) == 0;
	return p->device[0] && strcmp(p->device, nic->link.name) == 0;
}

static bool parameter_open(const struct ipparam *p)
{
	return !p->device[0] && !p->has_hwaddr;
}

// The ip= that holds for the card: the last that names it, else the last that names none.
static const struct ipparam *parameter_of(const struct network *n, const struct nic *nic)
{
	for (size_t i = n->parameter_count; i-- > 0;)
		if (parameter_names(&n->parameters[i], nic))
			return &n->parameters[i];
	for (size_t i = n->parameter_count; i-- > 0;)
		if (parameter_open(&n->parameters[i]))
			return &n->parameters[i];
	return NULL;
}

static bool parameter_static(const struct ipparam *p)
{
	return p && p->autoconf == IPPARAM_STATIC && !ipaddr_is_unset(&p->client);
}

// ---- which cards may start ------------------------------------------------------------------------

// ip= names a device that no card is called (another system's name for it): the only card will do.
static void adopt_only_card(struct network *n, uint64_t now)
{
	struct nic *nic = &n->nics[0];
	struct ipparam *p = &n->parameters[n->parameter_count - 1];

	if (n->nic_count != 1 || !n->parameter_count || parameter_of(n, nic) || n->drivers_pending ||
		now - nic->since < ONLY_CARD_AFTER)
		return;
	milestone_notice("ip= names '%s', but the only card is %s: it is used", p->device,
		nic->link.name);
	memcpy(p->device, nic->link.name, sizeof p->device);
	p->has_hwaddr = false;
}

// An ip= with an address but no device fits one card only.
static void refuse_ambiguous(struct network *n)
{
	struct fault fault;

	if (n->has_bootif || n->nic_count < 2 || n->root)
		return;
	for (size_t i = 0; i < n->parameter_count; i++) {
		struct ipparam *p = &n->parameters[i];

		if (!parameter_open(p) || !parameter_static(p))
			continue;
		fault_set(&fault, FAULT_IP_PARAMETER,
			"(an address without a device name, but this machine has %u network cards)",
			(unsigned)n->nic_count);
		milestone_fault(&fault);
		milestone_notice("DHCP is used in its place");
		*p = (struct ipparam){.autoconf = IPPARAM_DHCP};
	}
}

static bool bootif_hopeless(const struct network *n, uint64_t now)
{
	return now - n->started >= NETWORK_HOLD;
}

static bool may_start(const struct network *n, const struct nic *nic, uint64_t now)
{
	const struct ipparam *p = parameter_of(n, nic);

	if (n->parameter_count && !p)
		return false;
	if (p && parameter_names(p, nic))
		return true;
	if (!n->has_bootif)
		return !parameter_static(p) || !n->drivers_pending;
	return is_bootif(n, nic) || bootif_hopeless(n, now);
}

// ---- configuring ----------------------------------------------------------------------------------

static void complain(const struct nic *nic, const char *what, int error)
{
	if (error)
		milestone_notice("%s: %s: %s", nic->link.name, what, strerror(error));
}

static void add_routes(struct network *n, const struct nic *nic, const struct lease *l)
{
	struct ipaddr any = ipaddr_v4(0, 0, 0, 0);
	int index = nic->link.index;

	for (size_t i = 0; i < l->route_count; i++)
		complain(nic, "a route of the lease", netlink_add_route(&n->netlink, index,
			&l->routes[i].destination, l->routes[i].prefix, &l->routes[i].gateway));
	if (l->classless || ipaddr_is_unset(&l->routers[0]))
		return;
	if (!ipaddr_same_net(&l->address, &l->routers[0], l->prefix))
		milestone_notice("the router is not on the network of %s: taken to be on link",
			nic->link.name);
	complain(nic, "the default route", netlink_add_route(&n->netlink, index, &any, 0,
		&l->routers[0]));
}

static struct ipaddr broadcast_of(const struct lease *l)
{
	uint32_t host = l->prefix ? ~(~(uint32_t)0 << (32 - l->prefix)) : ~(uint32_t)0;

	if (!ipaddr_is_unset(&l->broadcast))
		return l->broadcast;
	return l->prefix > 30 ? (struct ipaddr){0}
		: ipaddr_from_u32(ipaddr_to_u32(&l->address) | host);
}

static bool configure(struct network *n, struct nic *nic, const struct lease *l)
{
	struct ipaddr broadcast = broadcast_of(l);
	int index = nic->link.index, error;

	if (l->mtu && l->mtu < nic->link.mtu)
		complain(nic, "MTU", netlink_set_mtu(&n->netlink, index, l->mtu));
	error = netlink_add_address(&n->netlink, index, &l->address, l->prefix, &broadcast);
	complain(nic, "address", error);
	if (error)
		return false;
	add_routes(n, nic, l);
	return true;
}

static const char *const source_names[] = {
	[NETWORK_STATIC] = "set by ip=",
	[NETWORK_RECORD] = "from the boot program's lease",
	[NETWORK_DHCP] = "leased by DHCP",
};

static bool win(struct network *n, struct nic *nic, const struct lease *lease,
	enum network_source source, uint64_t now)
{
	char address[IPADDR_TEXT];

	if (!configure(n, nic, lease)) {
		set_state(nic, NIC_FAILED, now);
		return false;
	}
	n->root = nic;
	n->lease = *lease;
	n->source = source;
	n->confirmed = source != NETWORK_RECORD;
	n->configured = now;
	n->generation++;
	set_state(nic, NIC_READY, now);
	milestone("%s has %s/%u, %s", nic->link.name, ipaddr_format(&lease->address, address),
		lease->prefix, source_names[source]);
	return true;
}

static void unconfigure(struct network *n)
{
	complain(n->root, "taking the address back", netlink_delete_address(&n->netlink,
		n->root->link.index, &n->lease.address, n->lease.prefix));
	n->root = NULL;
}

// ---- the ways to an address -----------------------------------------------------------------------

static bool record_fits(const struct network *n, const struct nic *nic)
{
	return n->record->has_hwaddr &&
		memcmp(n->record->hwaddr, nic->link.hwaddr, sizeof n->record->hwaddr) == 0;
}

static void prepare_client(struct network *n, const struct nic *nic, struct dhcp_client_config *cfg)
{
	const struct ipparam *p = parameter_of(n, nic);

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
	if (p && !ipaddr_is_unset(&p->client)) {
		cfg->start = DHCP_REBOOTING;
		cfg->address = p->client;
	}
	if (!record_fits(n, nic))
		return;
	if (n->record->lease.client_id_length) {
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
	set_state(nic, error ? NIC_RAISED : NIC_ASKING, now);
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
	if (!win(n, nic, lease, NETWORK_RECORD, now))
		return;
	complain(nic, "unicast", dhcp_use_address(&nic->dhcp, nic->link.name, &lease->address));
}

static void use_static(struct network *n, struct nic *nic, const struct ipparam *p, uint64_t now)
{
	struct lease lease;

	netconf_from_parameter(&lease, p);
	// ip= with the very address that the boot program leased is its own doing (SYSAPPEND): what the
	// lease knows besides holds too.
	if (record_fits(n, nic) && n->record->has_lease &&
		ipaddr_equal(&lease.address, &n->record->lease.address))
		netconf_fill(&lease, &n->record->lease);
	win(n, nic, &lease, NETWORK_STATIC, now);
}

static void begin(struct network *n, struct nic *nic, uint64_t now)
{
	const struct ipparam *p = parameter_of(n, nic);
	struct dhcp_client_config cfg;

	milestone("%s has a link", nic->link.name);
	if (parameter_static(p) && (parameter_names(p, nic) || !n->has_bootif || is_bootif(n, nic))) {
		use_static(n, nic, p, now);
	} else if (record_fits(n, nic) && n->record->has_lease) {
		use_record(n, nic, now);
	} else {
		prepare_client(n, nic, &cfg);
		ask(nic, &cfg, now);
	}
}

// ---- steps ----------------------------------------------------------------------------------------

static void asking_step(struct network *n, struct nic *nic, uint64_t now)
{
	struct lease lease;

	if (!nic->link.running) {
		dhcp_end(&nic->dhcp);
		set_state(nic, NIC_RAISED, now);
		return;
	}
	dhcp_step(&nic->dhcp, now);
	if (dhcp_client_status(&nic->dhcp.client) != MACHINE_DONE)
		return;
	lease = nic->dhcp.client.lease;
	if (record_fits(n, nic) && n->record->has_lease)
		netconf_fill(&lease, &n->record->lease);
	dhcp_end(&nic->dhcp);
	win(n, nic, &lease, NETWORK_DHCP, now);
}

// The server has answered about the recorded lease.
static void confirm(struct network *n, struct nic *nic, uint64_t now)
{
	struct lease lease = nic->dhcp.client.lease;

	netconf_fill(&lease, &n->record->lease);
	dhcp_end(&nic->dhcp);
	if (!ipaddr_equal(&lease.address, &n->lease.address) || lease.prefix != n->lease.prefix) {
		unconfigure(n);
		win(n, nic, &lease, NETWORK_DHCP, now);
		return;
	}
	n->lease = lease;
	n->confirmed = true;
	configure(n, nic, &lease);
	milestone("the lease of %s is confirmed", nic->link.name);
}

static void confirming_step(struct network *n, struct nic *nic, uint64_t now)
{
	struct dhcp_client *client = &nic->dhcp.client;

	dhcp_step(&nic->dhcp, now);
	if (client->fault.id == FAULT_DHCP_NAK) {
		milestone_fault(&client->fault);
		fault_clear(&client->fault);
		unconfigure(n);
		nic->dhcp.source = (struct ipaddr){0};
		set_state(nic, NIC_ASKING, now);
	} else if (dhcp_client_status(client) == MACHINE_DONE) {
		confirm(n, nic, now);
	}
}

static void idle_step(struct network *n, struct nic *nic, uint64_t now)
{
	int error;

	if (n->root || !may_start(n, nic, now))
		return;
	error = netlink_link_up(&n->netlink, nic->link.index, true);
	complain(nic, "starting it", error);
	set_state(nic, error ? NIC_FAILED : NIC_RAISED, now);
}

static void nic_step(struct network *n, struct nic *nic, uint64_t now)
{
	switch (nic->state) {
	case NIC_IDLE:
		idle_step(n, nic, now);
		break;
	case NIC_RAISED:
		if (nic->link.running && !n->root)
			begin(n, nic, now);
		break;
	case NIC_ASKING:
		if (!n->root)
			asking_step(n, nic, now);
		break;
	case NIC_READY:
		if (nic->dhcp.running)
			confirming_step(n, nic, now);
		break;
	case NIC_FAILED:
		break;
	}
}

static struct nic *nic_of(struct network *n, const struct netlink_link *link)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].link.index == link->index)
			return &n->nics[i];
	return NULL;
}

static void link_event(void *owner, const struct netlink_link *link)
{
	struct network *n = owner;
	struct nic *nic = nic_of(n, link);

	if (nic) {
		nic->link = *link;
		if (link->gone)
			nic->link.running = false;
		return;
	}
	if (!link->ethernet || link->gone || n->nic_count == NETWORK_NICS)
		return;
	nic = &n->nics[n->nic_count++];
	*nic = (struct nic){.link = *link, .since = n->started};
	nic->dhcp.packet = (struct packet){.raw = -1, .unicast = -1};
	nic->dhcp.running = false;
}

// The card that booted the machine goes first, so that of two answers at once its own wins.
static void step_cards(struct network *n, bool bootif, uint64_t now)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (is_bootif(n, &n->nics[i]) == bootif && !n->nics[i].link.gone)
			nic_step(n, &n->nics[i], now);
}

void network_step(struct network *n, bool drivers_pending, uint64_t now)
{
	size_t known = n->nic_count;

	n->drivers_pending = drivers_pending;
	netlink_read(&n->netlink, link_event, n);
	for (; known < n->nic_count; known++)
		n->nics[known].since = now;
	adopt_only_card(n, now);
	refuse_ambiguous(n);
	step_cards(n, true, now);
	if (n->has_bootif && !n->root && !n->held && bootif_hopeless(n, now)) {
		n->held = true;
		if (n->nic_count > 1)
			milestone_notice("the card that booted is not usable yet: all cards are tried");
	}
	step_cards(n, false, now);
}

size_t network_polls(const struct network *n, struct pollfd polls[NETWORK_POLLS])
{
	size_t count = 0;

	polls[count++] = (struct pollfd){.fd = n->netlink.events, .events = POLLIN};
	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].dhcp.running)
			polls[count++] = (struct pollfd){.fd = n->nics[i].dhcp.packet.raw, .events = POLLIN};
	return count;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t network_deadline(const struct network *n)
{
	uint64_t deadline = DEADLINE_NEVER;

	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].dhcp.running)
			deadline = sooner(deadline, dhcp_client_deadline(&n->nics[i].dhcp.client));
	if (!n->root && n->has_bootif && !n->held)
		deadline = sooner(deadline, n->started + NETWORK_HOLD);
	if (!n->root && n->nic_count == 1 && n->parameter_count)
		deadline = sooner(deadline, n->nics[0].since + ONLY_CARD_AFTER);
	if (n->root && !n->confirmed)
		deadline = sooner(deadline, n->configured + NETWORK_CONFIRM);
	return deadline;
}

bool network_settled(const struct network *n, uint64_t now)
{
	return n->root && (n->confirmed || now - n->configured >= NETWORK_CONFIRM);
}

// ---- words ----------------------------------------------------------------------------------------

static const struct nic *in_state(const struct network *n, enum nic_state state)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].state == state)
			return &n->nics[i];
	return NULL;
}

void network_awaits(const struct network *n, struct text *to, uint64_t now)
{
	const struct nic *nic;

	if (n->root && !n->confirmed) {
		text_format(to, "the DHCP server to confirm the lease");
	} else if ((nic = in_state(n, NIC_ASKING))) {
		dhcp_client_describe(&nic->dhcp.client, to, now);
		text_format(to, " on %s", nic->link.name);
	} else if ((nic = in_state(n, NIC_RAISED))) {
		text_format(to, "the link of %s (", nic->link.name);
		text_hwaddr(to, nic->link.hwaddr, sizeof nic->link.hwaddr, ':');
		text_format(to, ")");
	} else if (n->has_bootif) {
		text_format(to, "the network card ");
		text_hwaddr(to, n->bootif, sizeof n->bootif, ':');
	} else {
		text_format(to, "a network card");
	}
}

static void dhcp_fault(const struct nic *nic, struct fault *fault, uint64_t now)
{
	const struct dhcp *d = &nic->dhcp;
	char hwaddr[20];
	struct text t = text_of(hwaddr, sizeof hwaddr);

	text_hwaddr(&t, nic->link.hwaddr, sizeof nic->link.hwaddr, ':');
	if (d->client.fault.id)
		*fault = d->client.fault;
	else
		fault_set(fault, FAULT_DHCP_SILENT, "on %s (%s) in %u s (%u tries)%s%s", hwaddr,
			nic->link.name, (unsigned)(now - d->started) / 1000, d->client.tries,
			d->error ? "; sending: " : "", d->error ? strerror(d->error) : "");
}

void network_fault(const struct network *n, struct fault *fault, uint64_t now)
{
	const struct nic *nic;

	if ((nic = in_state(n, NIC_ASKING)))
		dhcp_fault(nic, fault, now);
	else if ((nic = in_state(n, NIC_RAISED)))
		fault_set(fault, FAULT_NO_LINK, "on %s in %u s", nic->link.name,
			(unsigned)(now - nic->since) / 1000);
	else
		fault_set(fault, FAULT_NO_NIC, "in %u s", (unsigned)(now - n->started) / 1000);
}

void network_end(struct network *n)
{
	for (size_t i = 0; i < n->nic_count; i++) {
		struct nic *nic = &n->nics[i];

		dhcp_end(&nic->dhcp);
		if (nic != n->root && !nic->link.gone && nic->state != NIC_IDLE)
			netlink_link_up(&n->netlink, nic->link.index, false);
	}
}
