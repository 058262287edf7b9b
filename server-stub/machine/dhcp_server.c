// SPDX-License-Identifier: BSD-2-Clause
// DHCP server; its rules stand in the header. Input decides and fills `reply`, output writes it.
#include "server-stub/machine/dhcp_server.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"
#include "netstack/wire/dhcp.h"

enum { PORT_SERVER = 67, PORT_CLIENT = 68, UUID_OPTION = 17, ARCH_BIOS = 0 };

enum { FLAG_BROADCAST = 0x8000 };

// Options 12, 61 and 97, kept apart from the packet because they may stand in pieces there.
struct identity {
	uint8_t id[DHCP_SERVER_ECHO], uuid[UUID_OPTION];
	int id_length, uuid_length;
	char hostname[DHCP_SERVER_NAME];
};

static struct dhcp_server_client client_of(const struct dhcp_message *m, struct identity *i,
	bool chosen)
{
	struct dhcp_server_client c = {
		.type = m->type,
		.hwaddr = m->chaddr,
		.hwaddr_length = m->hlen,
		.arch = -1,
		.relay = m->giaddr,
		.chosen = chosen,
		.hostname = i->hostname,
	};
	uint16_t arch;
	char class[16];

	i->id_length = dhcp_option(m, DHCP_OPTION_CLIENT_ID, i->id, sizeof i->id);
	i->uuid_length = dhcp_option(m, DHCP_OPTION_CLIENT_UUID, i->uuid, sizeof i->uuid);
	if (i->id_length > 0 && i->id_length <= DHCP_SERVER_ECHO) {
		c.id = i->id;
		c.id_length = (size_t)i->id_length;
	}
	if (i->uuid_length == UUID_OPTION)
		c.uuid = i->uuid + 1;
	if (dhcp_option_u16(m, DHCP_OPTION_CLIENT_ARCH, &arch))
		c.arch = arch;
	if (dhcp_option_text(m, DHCP_OPTION_VENDOR_CLASS, class, sizeof class)) {
		c.pxe = text_starts(class, "PXEClient");
		c.http = text_starts(class, "HTTPClient");
	}
	c.ipxe = dhcp_option(m, DHCP_OPTION_IPXE, NULL, 0) >= 0;
	if (dhcp_option_ips(m, DHCP_OPTION_REQUESTED_ADDRESS, &c.requested, 1) != 1) {
		c.requested = m->ciaddr;
		c.in_use = !ipaddr_is_unset(&m->ciaddr);
	}
	dhcp_option_text(m, DHCP_OPTION_HOST_NAME, i->hostname, sizeof i->hostname);
	return c;
}

void dhcp_server_start(struct dhcp_server *s, const struct dhcp_server_config *cfg, uint64_t now)
{
	(void)now;
	memset(s, 0, sizeof *s);
	s->cfg = *cfg;
}

// RFC 2131 section 4.1: where an answer goes.
static struct endpoint destination(const struct dhcp_message *m, uint8_t type,
	const struct endpoint *from)
{
	struct endpoint to = {.interface = from->interface, .port = PORT_CLIENT};

	if (!ipaddr_is_unset(&m->giaddr)) {
		to.addr = m->giaddr;
		to.port = PORT_SERVER;
	} else if (!ipaddr_is_unset(&m->ciaddr) && type != DHCPNAK) {
		to.addr = m->ciaddr;
	} else {
		to.addr = ipaddr_v4(255, 255, 255, 255);
	}
	return to;
}

static void reply(struct dhcp_server *s, uint8_t type, const struct dhcp_message *m,
	const struct identity *i, const struct dhcp_server_client *c, const struct endpoint *from)
{
	int agent = dhcp_option(m, DHCP_OPTION_RELAY_AGENT, s->reply.agent, sizeof s->reply.agent);

	s->reply.type = type;
	s->reply.to = destination(m, type, from);
	s->reply.hwtype = m->htype;
	s->reply.hwaddr_length = m->hlen;
	memcpy(s->reply.hwaddr, m->chaddr, sizeof s->reply.hwaddr);
	s->reply.xid = m->xid;
	s->reply.flags = m->flags;
	if (type == DHCPNAK && !ipaddr_is_unset(&m->giaddr))
		s->reply.flags |= FLAG_BROADCAST; // the relay must not take it to an address that is wrong
	s->reply.ciaddr = m->ciaddr;
	s->reply.giaddr = m->giaddr;
	s->reply.last = type == DHCPACK || c->http || c->arch <= ARCH_BIOS;
	s->reply.agent_length = agent > 0 && agent <= DHCP_SERVER_ECHO ? (size_t)agent : 0;
	s->reply.id_length = c->id_length;
	memcpy(s->reply.id, i->id, sizeof i->id);
	s->reply.uuid_length = c->uuid ? UUID_OPTION : 0;
	memcpy(s->reply.uuid, i->uuid, sizeof i->uuid);
}

// RFC 2131 section 4.3.2: the type of the answer to a REQUEST, 0 for silence.
static uint8_t judge_request(struct dhcp_server *s, const struct dhcp_server_client *c,
	const struct dhcp_server_answer *a)
{
	if (ipaddr_is_unset(&c->requested))
		return 0;
	if (!ipaddr_equal(&c->requested, &a->address))
		return s->cfg.known(s->cfg.owner, c) ? DHCPNAK : 0;
	return s->cfg.grant(s->cfg.owner, c, a) ? DHCPACK : 0;
}

void dhcp_server_input(struct dhcp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct dhcp_server_answer *a = &s->reply.answer;
	struct dhcp_server_client c;
	struct ipaddr server = {0};
	struct dhcp_message m;
	struct identity i;
	uint8_t type = 0;
	bool ours;

	(void)now;
	s->reply.type = 0;
	if (!dhcp_parse(&m, packet, length) || m.op != DHCP_BOOTREQUEST || m.hlen == 0)
		return;
	dhcp_option_ips(&m, DHCP_OPTION_SERVER_IDENTIFIER, &server, 1);
	ours = ipaddr_equal(&server, &s->cfg.address);
	c = client_of(&m, &i, ours);
	if (m.type == DHCPRELEASE || m.type == DHCPDECLINE) {
		if (!s->cfg.proxy && ours)
			s->cfg.give_back(s->cfg.owner, &c, m.type == DHCPDECLINE);
		return;
	}
	// A request to another server is none of ours; it must not look up, or reserve, an address.
	if (!ours && !ipaddr_is_unset(&server))
		return;
	*a = (struct dhcp_server_answer){0};
	if ((s->cfg.proxy && !c.pxe && !c.http) || !s->cfg.find(s->cfg.owner, &c, a))
		return;
	if (m.type == DHCPDISCOVER)
		type = ipaddr_is_unset(&a->address) && !s->cfg.proxy ? 0 : DHCPOFFER;
	else if (m.type == DHCPREQUEST && !s->cfg.proxy)
		type = judge_request(s, &c, a);
	else if (m.type == DHCPINFORM && !s->cfg.proxy)
		type = DHCPACK;
	if (m.type == DHCPINFORM || s->cfg.proxy) { // RFC 2131 section 4.3.5: no address, no times
		a->address = (struct ipaddr){0};
		a->lease_time = a->renewal_time = a->rebinding_time = 0;
	}
	if (type)
		reply(s, type, &m, &i, &c, from);
}

// Whose identifier it names is not asked: ROMs name that of the server which gave the address.
void dhcp_server_input_pxe(struct dhcp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct dhcp_server_answer *a = &s->reply.answer;
	struct dhcp_server_client c;
	struct dhcp_message m;
	struct identity i;

	(void)now;
	s->reply.type = 0;
	if (!s->cfg.proxy || !dhcp_parse(&m, packet, length) || m.op != DHCP_BOOTREQUEST ||
		m.hlen == 0 || (m.type != DHCPREQUEST && m.type != DHCPINFORM))
		return;
	c = client_of(&m, &i, true);
	*a = (struct dhcp_server_answer){0};
	if (!c.pxe || !s->cfg.find(s->cfg.owner, &c, a))
		return;
	a->address = (struct ipaddr){0};
	reply(s, DHCPACK, &m, &i, &c, from);
	s->reply.to = *from;
}

static void write_address(struct writer *w, uint8_t code, const struct ipaddr *a)
{
	if (!ipaddr_is_unset(a))
		dhcp_write_ip(w, code, a);
}

static void write_text(struct writer *w, uint8_t code, const char *text)
{
	if (text && *text)
		dhcp_write_text(w, code, text);
}

static void write_number(struct writer *w, uint8_t code, uint32_t number)
{
	if (number)
		dhcp_write_u32(w, code, number);
}

static void write_lease(struct writer *w, const struct dhcp_server_answer *a)
{
	struct ipaddr mask = ipaddr_prefix_to_mask(a->prefix);

	write_number(w, DHCP_OPTION_LEASE_TIME, a->lease_time);
	write_number(w, DHCP_OPTION_RENEWAL_TIME, a->renewal_time);
	write_number(w, DHCP_OPTION_REBINDING_TIME, a->rebinding_time);
	write_address(w, DHCP_OPTION_SUBNET_MASK, &mask);
	write_address(w, DHCP_OPTION_ROUTER, &a->router);
	write_address(w, DHCP_OPTION_DOMAIN_NAME_SERVER, &a->dns);
	write_address(w, DHCP_OPTION_LOG_SERVER, &a->log_server);
	if (a->mtu)
		dhcp_write_u16(w, DHCP_OPTION_INTERFACE_MTU, a->mtu);
	write_text(w, DHCP_OPTION_HOST_NAME, a->hostname);
	write_text(w, DHCP_OPTION_DOMAIN_NAME, a->domain);
	write_text(w, DHCP_OPTION_ROOT_PATH, a->root_path);
}

static bool fits(const char *text, size_t field)
{
	return text && strlen(text) < field;
}

// Everything but a NAK's: boot data, the lease, and what is sent back to its sender.
static void write_options(const struct dhcp_server *s, struct writer *w)
{
	const struct dhcp_server_answer *a = &s->reply.answer;
	// PXE specification, option 43: discovery control 8, boot from what this offer says.
	static const uint8_t boot_from_offer[] = {6, 1, 8, 255};
	static const uint8_t no_pxedhcp[] = {176, 1, 1}; // iPXE's setting of that name

	if (s->cfg.proxy) {
		dhcp_write_text(w, DHCP_OPTION_VENDOR_CLASS,
			a->vendor_class ? a->vendor_class : "PXEClient");
		if (s->reply.type == DHCPOFFER && s->reply.last && !a->vendor_class)
			dhcp_write_option(w, DHCP_OPTION_VENDOR_SPECIFIC, boot_from_offer,
				sizeof boot_from_offer);
	} else {
		write_text(w, DHCP_OPTION_VENDOR_CLASS, a->vendor_class);
		write_lease(w, a);
	}
	if (a->no_proxy)
		dhcp_write_option(w, DHCP_OPTION_IPXE, no_pxedhcp, sizeof no_pxedhcp);
	write_text(w, DHCP_OPTION_TFTP_SERVER_NAME, a->server_name);
	// Clients that want a class look for their file's URL in the option (UEFI's HTTP Boot).
	if (!fits(a->boot_file, 128) || a->vendor_class)
		write_text(w, DHCP_OPTION_BOOTFILE_NAME, a->boot_file);
}

bool dhcp_server_output(struct dhcp_server *s, struct writer *packet, struct endpoint *to, uint64_t now)
{
	const struct dhcp_server_answer *a = &s->reply.answer;
	struct dhcp_message m = {
		.op = DHCP_BOOTREPLY,
		.htype = s->reply.hwtype,
		.hlen = s->reply.hwaddr_length,
		.xid = s->reply.xid,
		.flags = s->reply.flags,
		.giaddr = s->reply.giaddr,
	};
	bool nak = s->reply.type == DHCPNAK;

	(void)now;
	if (!s->reply.type)
		return false;
	memcpy(m.chaddr, s->reply.hwaddr, sizeof m.chaddr);
	if (!nak) {
		m.ciaddr = s->reply.ciaddr;
		m.yiaddr = a->address;
		m.siaddr = a->next_server;
	}
	*to = s->reply.to;
	dhcp_write_header(packet, &m, nak || !fits(a->server_name, 64) ? NULL : a->server_name,
		nak || !fits(a->boot_file, 128) ? NULL : a->boot_file);
	dhcp_write_u8(packet, DHCP_OPTION_MESSAGE_TYPE, s->reply.type);
	dhcp_write_ip(packet, DHCP_OPTION_SERVER_IDENTIFIER, &s->cfg.address);
	if (!nak)
		write_options(s, packet);
	else
		dhcp_write_text(packet, DHCP_OPTION_MESSAGE, "that address is not yours here");
	if (s->reply.id_length) // RFC 6842
		dhcp_write_option(packet, DHCP_OPTION_CLIENT_ID, s->reply.id, s->reply.id_length);
	if (s->reply.uuid_length)
		dhcp_write_option(packet, DHCP_OPTION_CLIENT_UUID, s->reply.uuid, s->reply.uuid_length);
	if (s->reply.agent_length)
		dhcp_write_option(packet, DHCP_OPTION_RELAY_AGENT, s->reply.agent, s->reply.agent_length);
	dhcp_write_end(packet);
	s->reply.type = 0;
	return !packet->failed;
}

uint64_t dhcp_server_deadline(const struct dhcp_server *s)
{
	return s->reply.type ? 0 : DEADLINE_NEVER;
}

enum machine_status dhcp_server_status(const struct dhcp_server *s)
{
	(void)s;
	return MACHINE_RUNNING;
}
