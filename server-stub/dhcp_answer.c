// SPDX-License-Identifier: BSD-2-Clause
// Who gets which address and which boot data.
//
//   DISCOVER  an address is chosen and, unless its client has it already, looked for on the wire:
//             until that is known there is no answer, then the message is taken once more
//   REQUEST   what the client asks for, if it may have it: its own, or one of the pool that nobody
//             else has, so that a client goes on when the server has forgotten everything
//   INFORM    the data without an address
#include "server-stub/dhcpd_state.h"
#include "server-stub/boot_choice.h"
#include "server-stub/log.h"
#include "netstack/wire/dhcp.h"

#include <string.h>

enum { LEASE_TIME = 3600, CHECK_KEEPS = 5 * 60 * 1000, HWADDR_TEXT = 48, ETHER_ADDRESS = 6,
	PORT_HTTP = 80 };

static const char *name_of(const struct dhcp_server_client *c, char to[HWADDR_TEXT])
{
	struct text t = text_of(to, HWADDR_TEXT);

	text_hwaddr(&t, c->hwaddr, c->hwaddr_length, ':');
	return to;
}

static struct address_key key_of(const struct dhcp_server_client *c)
{
	return address_key_of(c->id, c->id_length, c->hwaddr, c->hwaddr_length);
}

bool dhcp_answer_holds(const struct dhcpd_segment *s, const struct dhcp_message *m)
{
	uint8_t id[DHCP_SERVER_ECHO];
	int length = dhcp_option(m, DHCP_OPTION_CLIENT_ID, id, sizeof id);
	bool has_id = length > 0 && length <= DHCP_SERVER_ECHO;
	struct address_key key = address_key_of(
		has_id ? id : NULL, has_id ? (size_t)length : 0, m->chaddr, m->hlen);
	const struct address *e = addresses_of(&s->network->addresses, &key);

	return e && address_is_held(e, s->d->now);
}

bool dhcpd_may_complain(uint64_t *last, uint64_t now)
{
	if (*last && now - *last < DHCPD_QUIET)
		return false;
	*last = now;
	return true;
}

// ---- which network ---------------------------------------------------------------------------

static void refuse_relay(struct dhcpd_segment *s, const struct dhcp_server_client *c)
{
	bool proxy = s->d->cfg.mode == DHCPD_PROXY;
	char relay[IPADDR_TEXT];

	if (s->relay_told)
		return;
	s->relay_told = true;
	log_say(LOG_WARNING, "dhcp", "the relay %s asks for a network that is not served here: %s",
		ipaddr_format(&c->relay, relay), proxy ? "--dhcp=proxy is for networks of this machine" :
		"--pool with a range of that network would serve it");
}

static bool is_relayed(const struct dhcpd_segment *s, const struct dhcp_server_client *c)
{
	return !ipaddr_is_unset(&c->relay) &&
		!ipaddr_same_net(&c->relay, &s->interface->address, s->interface->prefix);
}

static struct dhcp_network *network_of(struct dhcpd_segment *s, const struct dhcp_server_client *c)
{
	struct dhcp_network *relayed = s->d->networks.relayed;

	if (!is_relayed(s, c))
		return s->network;
	if (relayed && dhcp_network_has(relayed, &c->relay))
		return relayed;
	refuse_relay(s, c);
	return NULL;
}

// ---- which address ---------------------------------------------------------------------------

// Where another server gives addresses, only those who have one of us are still served.
static bool may_serve(const struct dhcpd_segment *s, const struct address *entry)
{
	if (s->d->cfg.mode == DHCPD_POOL || s->probe->state == PROBE_ALONE)
		return true;
	return s->probe->state == PROBE_OTHER && entry && address_is_held(entry, s->d->now);
}

static void complain_of_emptiness(struct dhcpd_segment *s, struct dhcp_network *n,
	const struct dhcp_server_client *c)
{
	char first[IPADDR_TEXT], last[IPADDR_TEXT], client[HWADDR_TEXT];
	struct fault fault;

	if (!dhcpd_may_complain(&n->emptied, s->d->now))
		return;
	fault_set(&fault, FAULT_SERVER_POOL_EMPTY, "(%s-%s), %s gets none",
		ipaddr_format(&n->first, first), ipaddr_format(&n->last, last), name_of(c, client));
	log_fault("dhcp", &fault);
}

// Begins to look for the address, if that has to be done and can be.
static bool look_for(struct dhcpd_segment *s, const struct dhcp_network *n,
	const struct dhcp_server_client *c, const struct address *e)
{
	struct ipaddr address = addresses_name(&n->addresses, e);

	if (n != s->network || c->hwaddr_length != ETHER_ADDRESS || e->checked > s->d->now ||
		address_is_held(e, s->d->now))
		return false;
	// Where too many wait already, clients must not: it is offered unseen.
	return arp_check_begin(&s->d->checks, s->interface, &address, c->hwaddr, s->d->packet,
		s->d->length, s->d->now);
}

static struct address *offer(struct dhcpd_segment *s, struct dhcp_network *n,
	const struct dhcp_server_client *c, const struct address_key *key)
{
	struct address *e = addresses_offer(&n->addresses, key, &c->requested, s->d->now);

	if (!e)
		complain_of_emptiness(s, n, c);
	return e && !look_for(s, n, c, e) ? e : NULL;
}

// The entry of the address for the answer; NULL and true: an answer without one. False: no answer.
static bool choose(struct dhcpd_segment *s, struct dhcp_network *n,
	const struct dhcp_server_client *c, struct address **entry)
{
	struct address_key key = key_of(c);

	*entry = NULL;
	if (!may_serve(s, addresses_of(&n->addresses, &key)))
		return false;
	switch (c->type) {
	case DHCPDISCOVER:
		*entry = offer(s, n, c, &key);
		return *entry != NULL;
	case DHCPREQUEST:
		*entry = addresses_request(&n->addresses, &key, &c->requested, s->d->now);
		return true;
	case DHCPINFORM: // to an address elsewhere we would send on a stranger's word
		return ipaddr_is_unset(&c->requested) || dhcp_network_has(n, &c->requested);
	default:
		return false;
	}
}

void dhcp_answer_checked(struct dhcpd_segment *s, const struct arp_check *check, uint64_t now)
{
	struct addresses *a = &s->network->addresses;
	struct ipaddr address = check->address;
	struct address *e = &a->list[ipaddr_to_u32(&address) - a->first];
	char text[IPADDR_TEXT], owner[HWADDR_TEXT];
	struct text t = text_of(owner, sizeof owner);
	struct fault fault;

	if (!check->in_use) {
		e->checked = now + CHECK_KEEPS;
		return;
	}
	// While it was looked for, a client may have come to have it: then that one answers.
	if (address_is_held(e, now))
		return;
	addresses_rest(a, e, now);
	text_hwaddr(&t, check->owner, sizeof check->owner, ':');
	fault_set(&fault, FAULT_SERVER_ADDRESS_TAKEN, ": %s is used by %s on %s",
		ipaddr_format(&address, text), owner, s->interface->name);
	log_fault("dhcp", &fault);
}

// ---- boot data -------------------------------------------------------------------------------

static void complain_of_machine(const struct dhcp_server_client *c, const struct boot_choice *choice)
{
	char client[HWADDR_TEXT];
	struct fault fault;

	if (c->arch < 0)
		fault_set(&fault, FAULT_SERVER_NO_PROGRAM, ": %s is %s", name_of(c, client),
			choice->machine);
	else
		fault_set(&fault, FAULT_SERVER_NO_PROGRAM, ": %s is %s (option 93: %02x)",
			name_of(c, client), choice->machine, (unsigned)c->arch);
	log_fault("dhcp", &fault);
}

static void complain_of_http(const struct dhcp_server_client *c, const struct boot_choice *choice)
{
	char client[HWADDR_TEXT];
	struct fault fault;

	fault_set(&fault, FAULT_SERVER_NO_HTTP, ": %s is %s", name_of(c, client), choice->machine);
	log_fault("dhcp", &fault);
}

// PXE: option 60 is not sent, because a boot file in a plain answer is taken by every firmware,
// while "PXEClient" makes UEFI look for option 43 and ask port 4011. Option 66 repeats next-server
// for those that look only there.
static void tell_pxe(const struct dhcpd_segment *s, const struct dhcp_server_client *c,
	const char *program, struct dhcp_server_answer *a)
{
	a->boot_file = program;
	a->server_name = s->address;
	a->no_proxy = c->ipxe && program && !s->probe->boot_server_told &&
		!s->machine.cfg.proxy;
}

// HTTP Boot (UEFI specification): a URL, and the class back, without which the answer is not for it.
static void tell_http(struct dhcpd_segment *s, const char *program, struct dhcp_server_answer *a)
{
	struct text url = text_of(s->url, sizeof s->url);
	uint16_t port = s->d->cfg.http_port;

	if (!port || !program)
		return;
	text_format(&url, "http://%s", s->address);
	if (port != PORT_HTTP)
		text_format(&url, ":%u", port);
	text_format(&url, "/%s", program);
	if (url.cut)
		return;
	a->boot_file = s->url;
	a->vendor_class = "HTTPClient";
}

// Once for each client that is known; a proxy knows none.
static bool is_due(struct dhcpd_segment *s, struct address *e)
{
	bool told = e && e->told;

	if (e)
		e->told = true;
	return e ? !told : s->machine.cfg.proxy &&
		dhcpd_may_complain(&s->unbootable, s->d->now);
}

static void tell_boot(struct dhcpd_segment *s, const struct dhcp_server_client *c,
	struct address *e, struct dhcp_server_answer *a)
{
	const struct dhcpd_config *cfg = &s->d->cfg;
	struct boot_programs programs = {cfg->boot_bios, cfg->boot_x64, cfg->boot_arm64};
	enum boot_way way = c->pxe ? BOOT_PXE : c->http ? BOOT_HTTP : BOOT_NOT;
	struct boot_choice choice = boot_choose(&programs, way, c->arch);

	a->next_server = s->interface->address;
	a->root_path = cfg->root_path;
	if (way == BOOT_PXE)
		tell_pxe(s, c, choice.program, a);
	else if (way == BOOT_HTTP)
		tell_http(s, choice.program, a);
	if (way == BOOT_NOT || a->boot_file || !is_due(s, e))
		return;
	if (choice.missed)
		complain_of_machine(c, &choice);
	else
		complain_of_http(c, &choice);
}

static void tell_network(const struct dhcpd_segment *s, const struct dhcp_network *n,
	const struct dhcp_server_client *c, struct dhcp_server_answer *a)
{
	const struct dhcpd_config *cfg = &s->d->cfg;

	a->prefix = n->prefix;
	a->router = n == s->network ? *s->router : c->relay; // a relay is its network's router
	a->dns = cfg->dns;
	a->domain = cfg->domain;
	a->lease_time = cfg->lease_time ? cfg->lease_time : LEASE_TIME;
	a->renewal_time = a->lease_time / 2;
	a->rebinding_time = a->lease_time - a->lease_time / 8;
}

// The question to other servers that left by one card and came in by another of the same network.
static bool is_own(const struct dhcpd *d, const struct dhcp_server_client *c)
{
	const struct interfaces *all = d->cfg.interfaces;

	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].ethernet && c->hwaddr_length == ETHER_ADDRESS &&
			!memcmp(all->list[i].hwaddr, c->hwaddr, ETHER_ADDRESS))
			return true;
	return false;
}

// Boot data for one who gets its address from another server.
static bool find_program(struct dhcpd_segment *s, const struct dhcp_server_client *c,
	struct dhcp_server_answer *a)
{
	if (is_relayed(s, c)) {
		refuse_relay(s, c);
		return false;
	}
	tell_boot(s, c, NULL, a);
	return a->boot_file != NULL;
}

bool dhcp_answer_find(void *owner, const struct dhcp_server_client *c, struct dhcp_server_answer *a)
{
	struct dhcpd_segment *s = owner;
	struct dhcp_network *n;
	struct address *e;

	if (is_own(s->d, c))
		return false;
	if (s->machine.cfg.proxy)
		return find_program(s, c, a);
	n = network_of(s, c);
	if (!n || !choose(s, n, c, &e))
		return false;
	if (e)
		a->address = addresses_name(&n->addresses, e);
	tell_network(s, n, c, a);
	tell_boot(s, c, e, a);
	return true;
}

// ---- leases ----------------------------------------------------------------------------------

// RFC 2131 section 4.3.2: what is wrong is refused, what may be another server's is not.
bool dhcp_answer_known(void *owner, const struct dhcp_server_client *c)
{
	struct dhcpd_segment *s = owner;
	struct dhcp_network *n = network_of(s, c);

	if (!n)
		return false;
	if (c->chosen || addresses_contain(&n->addresses, &c->requested))
		return true;
	// One who uses an address of another network may speak to us from there.
	return !c->in_use && !dhcp_network_has(n, &c->requested);
}

static void say_granted(const struct dhcp_server_client *c, const struct dhcp_server_answer *a)
{
	char address[IPADDR_TEXT], client[HWADDR_TEXT];
	bool renewed = c->in_use;

	log_say(renewed ? LOG_DETAIL : LOG_NOTICE, "dhcp", "%s is %s%s's%s%s%s%s%s",
		ipaddr_format(&a->address, address), renewed ? "still " : "", name_of(c, client),
		*c->hostname ? " (" : "", c->hostname, *c->hostname ? ")" : "",
		a->boot_file ? ", which gets " : "", a->boot_file ? a->boot_file : "");
}

bool dhcp_answer_grant(void *owner, const struct dhcp_server_client *c,
	const struct dhcp_server_answer *a)
{
	struct dhcpd_segment *s = owner;
	struct dhcp_network *n = network_of(s, c);
	struct address_key key = key_of(c);
	struct address *e = n ? addresses_request(&n->addresses, &key, &a->address, s->d->now) : NULL;

	if (!e)
		return false;
	addresses_lease(&n->addresses, e, &key, a->lease_time == UINT32_MAX ? ADDRESSES_FOREVER :
		s->d->now + (uint64_t)a->lease_time * 1000);
	say_granted(c, a);
	s->d->waits = c->ipxe && a->boot_file && n == s->network && c->hwaddr_length == ETHER_ADDRESS;
	return true;
}

void dhcp_answer_give_back(void *owner, const struct dhcp_server_client *c, bool declined)
{
	struct dhcpd_segment *s = owner;
	struct dhcp_network *n = network_of(s, c);
	struct address_key key = key_of(c);
	char address[IPADDR_TEXT], client[HWADDR_TEXT];

	if (!n || !addresses_release(&n->addresses, &key, &c->requested, s->d->now))
		return;
	if (declined)
		addresses_rest(&n->addresses, addresses_of(&n->addresses, &key), s->d->now);
	log_say(declined ? LOG_WARNING : LOG_NOTICE, "dhcp", declined ?
		"%s is refused by %s: another machine uses it" : "%s is given up by %s",
		ipaddr_format(&c->requested, address), name_of(c, client));
}
