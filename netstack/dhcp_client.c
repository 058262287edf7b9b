// SPDX-License-Identifier: BSD-2-Clause
// DHCP client machine (RFC 2131 figure 5); its rules stand in the header.
//
//   SELECTING --offers--> REQUESTING --ACK--> BOUND --renew--> RENEWING --T2--> REBINDING
//       ^--- silence, NAK, the lease's end ---+-------------------+-----------------+
//   start: SELECTING; RENEWING --2 s--> REBOOTING --4 s--> SELECTING
#include "netstack/dhcp_client.h"
#include "netstack/base/memory.h"
#include "netstack/wire/dhcp.h"

enum {
	FIRST_TIMEOUT = 500, // ms
	LAST_TIMEOUT = 16000,
	HELD_TIMEOUT = 60000,
	LONGEST = 3600000,
	CONFIRM_TIME = 2000, // ms for the start in RENEWING
	REBOOT_TIME = 4000,  // ms in REBOOTING
	REQUEST_TIME = 8000, // ms in REQUESTING
	BROADCAST = 0x8000,
};

// What each state sends, and what people are told it waits for.
static const struct {
	uint8_t type;
	bool ciaddr, requested, server_id, unicast;
	const char *awaited;
} states[] = {
	[DHCP_SELECTING] = {DHCPDISCOVER, false, false, false, false, "an answer to DHCPDISCOVER"},
	[DHCP_REQUESTING] = {DHCPREQUEST, false, true, true, false, "an answer to DHCPREQUEST"},
	[DHCP_REBOOTING] = {DHCPREQUEST, false, true, false, false, "a DHCP server to confirm the address"},
	[DHCP_RENEWING] = {DHCPREQUEST, true, false, false, true, "the DHCP server to confirm the lease"},
	[DHCP_REBINDING] = {DHCPREQUEST, true, false, false, false, "any DHCP server to confirm the lease"},
	[DHCP_BOUND] = {0, false, false, false, false, "nothing"},
};

// RFC 3442: 121 stands before 3. 43, 60, 150, 208-211 and 224 are for booting.
static const uint8_t parameters[] = {
	DHCP_OPTION_SUBNET_MASK, DHCP_OPTION_CLASSLESS_ROUTES, DHCP_OPTION_ROUTER,
	DHCP_OPTION_DOMAIN_NAME_SERVER, DHCP_OPTION_LOG_SERVER, DHCP_OPTION_HOST_NAME,
	DHCP_OPTION_DOMAIN_NAME, DHCP_OPTION_ROOT_PATH, DHCP_OPTION_INTERFACE_MTU,
	DHCP_OPTION_BROADCAST_ADDRESS, DHCP_OPTION_STATIC_ROUTE, DHCP_OPTION_NIS_DOMAIN,
	DHCP_OPTION_NTP_SERVERS, DHCP_OPTION_VENDOR_SPECIFIC, DHCP_OPTION_LEASE_TIME,
	DHCP_OPTION_SERVER_IDENTIFIER, DHCP_OPTION_RENEWAL_TIME, DHCP_OPTION_REBINDING_TIME,
	DHCP_OPTION_VENDOR_CLASS, DHCP_OPTION_TFTP_SERVER_NAME, DHCP_OPTION_BOOTFILE_NAME,
	DHCP_OPTION_POSIX_ZONE, DHCP_OPTION_TZ_NAME, DHCP_OPTION_DOMAIN_SEARCH,
	DHCP_OPTION_TFTP_SERVERS, DHCP_OPTION_PXE_MAGIC, DHCP_OPTION_CONFIG_FILE,
	DHCP_OPTION_PATH_PREFIX, DHCP_OPTION_REBOOT_TIME, DHCP_OPTION_REPLAY,
};

// ---- states

static void enter(struct dhcp_client *c, enum dhcp_client_state state, uint64_t now)
{
	c->state = state;
	c->status = MACHINE_RUNNING;
	c->entered = c->next = now;
	c->timeout = c->cfg.first_timeout;
	c->tries = 0;
	if (state != DHCP_REQUESTING)
		c->xid = random_u32(c->cfg.random);
	switch (state) {
	case DHCP_REQUESTING:
		c->leave = now + REQUEST_TIME;
		break;
	case DHCP_REBOOTING:
		c->leave = now + REBOOT_TIME;
		break;
	case DHCP_RENEWING:
		c->leave = c->held ? c->rebind : now + CONFIRM_TIME;
		break;
	case DHCP_REBINDING:
		c->leave = c->expires;
		break;
	default:
		c->leave = DEADLINE_NEVER;
	}
}

// Back to DISCOVER: at once the first time, then after growing pauses, so that a server which offers
// and then refuses is not asked without end.
static void restart(struct dhcp_client *c, uint64_t now)
{
	unsigned shift = c->restarts < 6 ? c->restarts : 6;
	uint32_t pause = c->restarts ? c->cfg.first_timeout << shift : 0;

	c->restarts++;
	c->held = c->bootable = false;
	c->offer.length = 0;
	enter(c, DHCP_SELECTING, now);
	c->next = now + (pause < LAST_TIMEOUT ? pause : LAST_TIMEOUT);
}

// The time of the state is over.
static void move_on(struct dhcp_client *c, uint64_t now)
{
	switch (c->state) {
	case DHCP_SELECTING:
		enter(c, DHCP_REQUESTING, now);
		break;
	case DHCP_RENEWING:
		c->unicast_failed = true;
		enter(c, c->held ? DHCP_REBINDING : DHCP_REBOOTING, now);
		break;
	default:
		restart(c, now);
	}
}

void dhcp_client_start(struct dhcp_client *c, const struct dhcp_client_config *cfg, uint64_t now)
{
	memset(c, 0, sizeof *c);
	c->cfg = *cfg;
	if (!c->cfg.first_timeout)
		c->cfg.first_timeout = FIRST_TIMEOUT;
	c->started = now;
	c->address = cfg->address;
	c->server = cfg->server;
	if (cfg->start == DHCP_RENEWING && ipaddr_is_unset(&c->server))
		enter(c, DHCP_REBOOTING, now);
	else
		enter(c, cfg->start, now);
}

void dhcp_client_renew(struct dhcp_client *c, uint64_t now)
{
	if (!c->held || now >= c->expires)
		restart(c, now);
	else
		enter(c, now >= c->rebind ? DHCP_REBINDING : DHCP_RENEWING, now);
}

static uint64_t lease_ms(const struct dhcp_client *c, uint32_t seconds)
{
	return seconds == LEASE_FOREVER ? DEADLINE_NEVER : c->bound + (uint64_t)seconds * 1000;
}

uint64_t dhcp_client_renewal(const struct dhcp_client *c)
{
	return c->state == DHCP_BOUND ? lease_ms(c, c->lease.renewal_time) : DEADLINE_NEVER;
}

// ---- input

static void keep(struct dhcp_packet *to, const void *packet, size_t length)
{
	memcpy(to->bytes, packet, length);
	to->length = length;
}

// RFC 4578 and the PXE specification: an offer without address from a "PXEClient" server.
static bool is_proxy(const struct dhcp_message *m)
{
	char class[16];

	return ipaddr_is_unset(&m->yiaddr) &&
	       dhcp_option_text(m, DHCP_OPTION_VENDOR_CLASS, class, sizeof class) &&
	       text_starts(class, "PXEClient");
}

// The first offer is taken, or the first that names a boot file where one is looked for. The time
// to wait for others ends when all that is needed to boot is there.
static void offer_input(struct dhcp_client *c, const struct dhcp_message *m,
	const struct ipaddr *server, const void *packet, size_t length, uint64_t now)
{
	bool first = c->offer.length == 0;

	if (is_proxy(m)) {
		if (c->proxy.length == 0)
			keep(&c->proxy, packet, length);
	} else if (c->state == DHCP_SELECTING && lease_read(&c->lease, m, &c->fault)) {
		bool bootable = c->lease.boot_file[0] != 0;

		if (first || (bootable && !c->bootable)) {
			keep(&c->offer, packet, length);
			c->bootable = bootable;
			c->server = *server;
			c->address = m->yiaddr;
		}
		if (first)
			c->leave = now + c->cfg.proxy_wait;
	}
	if (c->state == DHCP_SELECTING && c->offer.length && (c->bootable || c->proxy.length))
		c->leave = now;
}

static void add_proxy(struct dhcp_client *c)
{
	struct dhcp_message m;

	if (c->proxy.length && dhcp_parse(&m, c->proxy.bytes, c->proxy.length))
		lease_add_proxy(&c->lease, &m);
}

static void ack_input(struct dhcp_client *c, const struct dhcp_message *m, const struct ipaddr *server,
	const void *packet, size_t length)
{
	bool chosen = ipaddr_equal(server, &c->server);

	if (c->state == DHCP_REQUESTING ? !chosen : !ipaddr_equal(&m->yiaddr, &c->address))
		return;
	if (!lease_read(&c->lease, m, &c->fault))
		return;
	keep(&c->ack, packet, length);
	add_proxy(c);
	if (c->cfg.client_id && c->cfg.client_id_length <= LEASE_CLIENT_ID) {
		memcpy(c->lease.client_id, c->cfg.client_id, c->cfg.client_id_length);
		c->lease.client_id_length = c->cfg.client_id_length;
	}
	c->server = *server;
	c->address = m->yiaddr;
	c->bound = c->entered; // RFC 2131 section 4.4.1: counted from the request
	c->rebind = lease_ms(c, c->lease.rebinding_time);
	c->expires = lease_ms(c, c->lease.lease_time);
	c->held = true;
	c->restarts = 0;
	c->state = DHCP_BOUND;
	c->status = MACHINE_DONE;
}

static void nak_input(struct dhcp_client *c, const struct dhcp_message *m, const struct ipaddr *server,
	uint64_t now)
{
	char words[64], name[IPADDR_TEXT], address[IPADDR_TEXT], shown[64];
	struct text text = text_of(shown, sizeof shown);

	if (c->state == DHCP_SELECTING ||
		(!ipaddr_is_unset(&c->server) && !ipaddr_equal(server, &c->server)))
		return;
	if (dhcp_option_text(m, DHCP_OPTION_MESSAGE, words, sizeof words))
		text_foreign(&text, words, strlen(words));
	fault_set(&c->fault, FAULT_DHCP_NAK, "%s (%s says: %s)", ipaddr_format(&c->address, address),
		ipaddr_format(server, name), text.length ? shown : "no reason");
	restart(c, now);
}

void dhcp_client_input(struct dhcp_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct dhcp_message m;
	struct ipaddr server;

	(void)from;
	if (c->status != MACHINE_RUNNING || c->tries == 0 || length > DHCP_PACKET ||
		!dhcp_parse(&m, packet, length) || m.op != DHCP_BOOTREPLY || m.xid != c->xid ||
		m.hlen != c->cfg.hwaddr_length || memcmp(m.chaddr, c->cfg.hwaddr, m.hlen) != 0)
		return;
	if (dhcp_option_ips(&m, DHCP_OPTION_SERVER_IDENTIFIER, &server, 1) != 1 || !ipaddr_is_host(&server))
		return;
	if (m.type == DHCPOFFER)
		offer_input(c, &m, &server, packet, length, now);
	else if (m.type == DHCPACK && c->state != DHCP_SELECTING)
		ack_input(c, &m, &server, packet, length);
	else if (m.type == DHCPNAK)
		nak_input(c, &m, &server, now);
}

// ---- output

static void write_identity(const struct dhcp_client_config *cfg, struct writer *w)
{
	static const uint8_t undi[] = {1, 3, 16}; // RFC 4578 section 2.2: UNDI 3.16
	uint8_t uuid[17] = {0};

	if (cfg->client_id)
		dhcp_write_option(w, DHCP_OPTION_CLIENT_ID, cfg->client_id, cfg->client_id_length);
	if (cfg->vendor_class)
		dhcp_write_text(w, DHCP_OPTION_VENDOR_CLASS, cfg->vendor_class);
	if (cfg->user_class)
		dhcp_write_text(w, DHCP_OPTION_USER_CLASS, cfg->user_class);
	if (cfg->hostname && *cfg->hostname)
		dhcp_write_text(w, DHCP_OPTION_HOST_NAME, cfg->hostname);
	if (cfg->arch >= 0) {
		dhcp_write_u16(w, DHCP_OPTION_CLIENT_ARCH, (uint16_t)cfg->arch);
		dhcp_write_option(w, DHCP_OPTION_CLIENT_NDI, undi, sizeof undi);
	}
	if (cfg->uuid) {
		memcpy(uuid + 1, cfg->uuid, 16);
		dhcp_write_option(w, DHCP_OPTION_CLIENT_UUID, uuid, sizeof uuid);
	}
}

static void write_message(const struct dhcp_client *c, struct writer *w)
{
	struct dhcp_message m = {
		.op = DHCP_BOOTREQUEST,
		.htype = c->cfg.hwtype,
		.hlen = c->cfg.hwaddr_length,
		.xid = c->xid,
		.secs = c->secs,
	};

	memcpy(m.chaddr, c->cfg.hwaddr, sizeof m.chaddr);
	if (states[c->state].ciaddr)
		m.ciaddr = c->address;
	else if (c->cfg.broadcast)
		m.flags = BROADCAST;
	dhcp_write_header(w, &m, NULL, NULL);
	dhcp_write_u8(w, DHCP_OPTION_MESSAGE_TYPE, states[c->state].type);
	if (states[c->state].requested)
		dhcp_write_ip(w, DHCP_OPTION_REQUESTED_ADDRESS, &c->address);
	if (states[c->state].server_id)
		dhcp_write_ip(w, DHCP_OPTION_SERVER_IDENTIFIER, &c->server);
	dhcp_write_u16(w, DHCP_OPTION_MAXIMUM_SIZE, DHCP_PACKET);
	dhcp_write_option(w, DHCP_OPTION_PARAMETER_LIST, parameters, sizeof parameters);
	write_identity(&c->cfg, w);
	dhcp_write_end(w);
}

// Longest pause between repetitions. While there is a lease it is RFC 2131 section 4.4.5: half of what
// is left of the state, at least a minute; LONGEST keeps an eighth of it within 32 bits.
static uint64_t longest_pause(const struct dhcp_client *c, uint64_t now)
{
	uint64_t half = c->leave > now ? (c->leave - now) >> 1 : 0;

	if (!c->held || (c->state != DHCP_RENEWING && c->state != DHCP_REBINDING))
		return LAST_TIMEOUT;
	return half < HELD_TIMEOUT ? HELD_TIMEOUT : half < LONGEST ? half : LONGEST;
}

// The next repetition: doubled each time, an eighth more or less, so that a room of machines that
// got their power together does not speak together.
static void arm(struct dhcp_client *c, uint64_t now)
{
	uint64_t longest = longest_pause(c, now);
	uint32_t timeout = (uint32_t)(c->timeout < longest ? c->timeout : longest);

	c->next = now + timeout - timeout / 8 + random_below(c->cfg.random, timeout / 4 + 1);
	c->timeout = (uint64_t)timeout * 2;
	c->tries++;
}

bool dhcp_client_output(struct dhcp_client *c, struct writer *packet, struct endpoint *to, uint64_t now)
{
	uint8_t *start = packet->at;

	while (c->status == MACHINE_RUNNING && now >= c->leave)
		move_on(c, now);
	if (c->status != MACHINE_RUNNING || now < c->next)
		return false;
	// RFC 2131 section 4.4.1: a REQUEST repeats the secs of the DISCOVER that led to it.
	if (c->state != DHCP_REQUESTING)
		c->secs = now - c->started < 65535000 ? (uint16_t)((uint32_t)(now - c->started) / 1000) : 65535;
	*to = (struct endpoint){
		.addr = states[c->state].unicast ? c->server : ipaddr_v4(255, 255, 255, 255),
		.interface = -1,
		.port = DHCP_SERVER_PORT,
	};
	write_message(c, packet);
	arm(c, now);
	if (!packet->failed && c->state == DHCP_SELECTING && packet->at - start <= DHCP_PACKET)
		keep(&c->discover, start, (size_t)(packet->at - start));
	return !packet->failed;
}

uint64_t dhcp_client_deadline(const struct dhcp_client *c)
{
	if (c->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	return c->next < c->leave ? c->next : c->leave;
}

enum machine_status dhcp_client_status(const struct dhcp_client *c)
{
	return c->status;
}

void dhcp_client_describe(const struct dhcp_client *c, struct text *to, uint64_t now)
{
	char server[IPADDR_TEXT], address[IPADDR_TEXT];

	ipaddr_format(&c->server, server);
	ipaddr_format(&c->address, address);
	if (c->state == DHCP_SELECTING && c->offer.length)
		text_format(to, "a proxyDHCP server (%s has offered %s)", server, address);
	else if (c->state == DHCP_SELECTING && c->proxy.length)
		text_format(to, "a DHCP server (only a proxyDHCP server has answered; try %u, %u s)", c->tries,
			(uint32_t)(now - c->started) / 1000);
	else if (c->state == DHCP_SELECTING || c->state == DHCP_BOUND)
		text_format(to, "%s (try %u, %u s)", states[c->state].awaited, c->tries,
			(uint32_t)(now - c->started) / 1000);
	else
		text_format(to, "%s (%s from %s; try %u)", states[c->state].awaited, address, server, c->tries);
}
