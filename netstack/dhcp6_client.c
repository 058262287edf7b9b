// SPDX-License-Identifier: BSD-2-Clause
// DHCPv6 client machine; its rules stand in the header.
//
//   SOLICITING --offers--> REQUESTING --reply--> BOUND --renew--> RENEWING --T2--> REBINDING
//       ^--- silence, refusal, the lease's end ----+------------------+-----------------+
//   BOUND --confirm--> CONFIRMING --reply, silence--> BOUND; --not on link--> SOLICITING
#include "netstack/dhcp6_client.h"
#include "netstack/base/memory.h"

enum {
	LONGEST = 16000,      // ms between messages while there is no lease
	REQUEST_TIME = 8000,  // ms in REQUESTING
	CONFIRM_TIME = 10000, // CNF_MAX_RD
	DECLINE_TIME = 4000,
	LEAST_LEASE = 16,     // seconds; anything less would be renewed without end
	LEAST_RENEWAL = 8,
	BEST = 255,           // a preference that ends the search
};

// What each state sends, its first and longest pause (ms; section 7.6), and what people are told.
static const struct {
	uint8_t type;
	bool server, ia, address, rapid;
	uint16_t first;
	uint32_t longest;
	const char *awaited;
} states[] = {
	[DHCP6_SOLICITING] = {DHCP6_SOLICIT, false, true, false, true, 1000, LONGEST, "a DHCPv6 server"},
	[DHCP6_REQUESTING] = {DHCP6_REQUEST, true, true, true, false, 1000, 30000,
		"the DHCPv6 server to give the address that it has offered"},
	[DHCP6_CONFIRMING] = {DHCP6_CONFIRM, false, true, true, false, 1000, 4000,
		"a DHCPv6 server to confirm the address"},
	[DHCP6_RENEWING] = {DHCP6_RENEW, true, true, true, false, 10000, 600000,
		"the DHCPv6 server to renew the lease"},
	[DHCP6_REBINDING] = {DHCP6_REBIND, false, true, true, false, 10000, 600000,
		"any DHCPv6 server to renew the lease"},
	[DHCP6_DECLINING] = {DHCP6_DECLINE, true, true, true, false, 1000, DECLINE_TIME,
		"the DHCPv6 server to take back an address that is in use"},
	[DHCP6_INFORMING] = {DHCP6_INFORMATION_REQUEST, false, false, false, false, 1000, LONGEST,
		"a DHCPv6 server for the names of servers"},
	[DHCP6_BOUND] = {0, false, false, false, false, 0, 0, "nothing"},
};

static const struct ipaddr all_servers = {IP_V6, {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}};

// ---- states

static void enter(struct dhcp6_client *c, enum dhcp6_client_state state, uint64_t now)
{
	c->state = state;
	c->status = MACHINE_RUNNING;
	c->entered = c->next = now;
	c->leave = DEADLINE_NEVER;
	c->timeout = 0;
	c->tries = 0;
	c->xid = random_u32(c->cfg.random) & 0xffffff;
	if (state == DHCP6_REQUESTING)
		c->leave = now + REQUEST_TIME;
	else if (state == DHCP6_CONFIRMING)
		c->leave = now + CONFIRM_TIME;
	else if (state == DHCP6_DECLINING)
		c->leave = now + DECLINE_TIME;
	else if (state == DHCP6_RENEWING)
		c->leave = c->rebind;
	else if (state == DHCP6_REBINDING)
		c->leave = c->expires;
}

// Back to SOLICIT: at once the first time, then after growing pauses, so that a server which offers and
// then refuses is not asked without end.
static void restart(struct dhcp6_client *c, uint64_t now)
{
	unsigned shift = c->restarts < 5 ? c->restarts : 5;
	uint32_t pause = c->restarts ? 500u << shift : 0;

	if (c->state == DHCP6_DECLINING)
		c->address = (struct ipaddr){0};
	c->restarts++;
	c->held = false;
	c->preference = -1;
	enter(c, DHCP6_SOLICITING, now);
	c->next = now + pause;
}

static void rest(struct dhcp6_client *c)
{
	c->state = DHCP6_BOUND;
	c->status = MACHINE_DONE;
}

// The time of the state is over.
static void move_on(struct dhcp6_client *c, uint64_t now)
{
	switch (c->state) {
	case DHCP6_SOLICITING:
		enter(c, DHCP6_REQUESTING, now);
		break;
	case DHCP6_CONFIRMING: // section 18.2.3: as it was, if nobody objects
		rest(c);
		break;
	case DHCP6_RENEWING:
		enter(c, DHCP6_REBINDING, now);
		break;
	default:
		restart(c, now);
	}
}

void dhcp6_client_start(struct dhcp6_client *c, const struct dhcp6_client_config *cfg, uint64_t now)
{
	memset(c, 0, sizeof *c);
	c->cfg = *cfg;
	c->started = now;
	c->preference = -1;
	enter(c, cfg->inform ? DHCP6_INFORMING : DHCP6_SOLICITING, now);
}

void dhcp6_client_renew(struct dhcp6_client *c, uint64_t now)
{
	if (!c->held || now >= c->expires)
		restart(c, now);
	else
		enter(c, now >= c->rebind ? DHCP6_REBINDING : DHCP6_RENEWING, now);
}

void dhcp6_client_confirm(struct dhcp6_client *c, uint64_t now)
{
	if (c->state == DHCP6_BOUND && c->held)
		enter(c, DHCP6_CONFIRMING, now);
}

void dhcp6_client_decline(struct dhcp6_client *c, uint64_t now)
{
	c->held = false;
	enter(c, DHCP6_DECLINING, now);
}

static uint64_t lease_ms(const struct dhcp6_client *c, uint32_t seconds)
{
	return seconds == LEASE_FOREVER ? DEADLINE_NEVER : c->bound + (uint64_t)seconds * 1000;
}

uint64_t dhcp6_client_renewal(const struct dhcp6_client *c)
{
	return c->state == DHCP6_BOUND && c->held ? lease_ms(c, c->lease.renewal_time) : DEADLINE_NEVER;
}

// ---- input

// The address that is held or offered, if the server still gives it, else the first that it gives.
static const struct dhcp6_address *choose(const struct dhcp6_client *c, const struct dhcp6_message *m)
{
	const struct dhcp6_address *first = NULL;

	for (size_t i = 0; m->has_ia && i < m->count; i++) {
		const struct dhcp6_address *a = &m->addresses[i];

		if (!a->valid)
			continue;
		if (ipaddr_equal(&a->address, &c->address))
			return a;
		if (!first)
			first = a;
	}
	return first;
}

// Section 14.2: T1 and T2 are the server's, else half and four fifths of the preferred lifetime; always
// T1 <= T2 < the lease's end.
static void set_times(struct lease *lease, const struct dhcp6_message *m, const struct dhcp6_address *a)
{
	uint32_t base = a->preferred ? a->preferred : a->valid, t1 = m->t1, t2 = m->t2;
	uint32_t valid = a->valid < LEAST_LEASE ? LEAST_LEASE : a->valid;

	lease->lease_time = valid;
	if (base == DHCP6_FOREVER && !t1 && !t2) {
		lease->renewal_time = lease->rebinding_time = LEASE_FOREVER;
		return;
	}
	if (!t1)
		t1 = base / 2;
	if (!t2)
		t2 = base - base / 5;
	if (t1 < LEAST_RENEWAL || t1 > t2 || (t2 >= valid && valid != LEASE_FOREVER)) {
		t1 = valid / 2;
		t2 = valid - valid / 8;
	}
	lease->renewal_time = t1;
	lease->rebinding_time = t2;
}

static void copy_text(char *to, size_t size, struct text_view from)
{
	struct text t = text_of(to, size);

	for (size_t i = 0; i < from.length && from.at[i]; i++)
		text_putc(&t, from.at[i]);
	if (t.cut)
		to[0] = 0;
}

// Addresses aside.
static void set_configuration(struct lease *lease, const struct dhcp6_message *m)
{
	char *file = lease->boot_file;

	for (size_t i = 0; i < DHCP6_SERVERS && i < LEASE_SERVERS; i++) {
		lease->dns[i] = m->dns[i];
		lease->ntp[i] = m->ntp[i];
	}
	memcpy(lease->search, m->search, strlen(m->search) + 1);
	memcpy(lease->hostname, m->fqdn, strlen(m->fqdn) + 1);
	copy_text(lease->posix_zone, sizeof lease->posix_zone, m->posix_zone);
	copy_text(lease->tz_name, sizeof lease->tz_name, m->tz_name);
	copy_text(file, sizeof lease->boot_file, m->boot_file_url);
	if (text_starts(file, "nfs://"))
		memcpy(lease->root_path, file, strlen(file) + 1);
}

static void refuse(struct dhcp6_client *c, const struct dhcp6_status *status, const struct endpoint *from)
{
	char words[80], name[IPADDR_TEXT];
	struct text t = text_of(words, sizeof words);

	dhcp6_status_text(status, &t);
	fault_set(&c->fault, FAULT_DHCP6_REFUSED, "(%s says: %s)", ipaddr_format(&from->addr, name), words);
}

// The status that stands in the way of an address; NULL if none does.
static const struct dhcp6_status *objection(const struct dhcp6_message *m)
{
	static const struct dhcp6_status none = {.code = DHCP6_NO_ADDRS_AVAIL};

	if (m->status.code != DHCP6_SUCCESS)
		return &m->status;
	if (m->ia_status.code != DHCP6_SUCCESS)
		return &m->ia_status;
	return m->count ? NULL : &none;
}

static void bind(struct dhcp6_client *c, const struct dhcp6_message *m, const struct dhcp6_address *a)
{
	c->lease = (struct lease){.address = a->address, .prefix = 128};
	set_times(&c->lease, m, a);
	set_configuration(&c->lease, m);
	c->server = m->server;
	c->address = a->address;
	// SOLICIT may have been sent for hours: then what counts is when it was sent last.
	c->bound = c->state == DHCP6_SOLICITING ? c->next - c->timeout : c->entered;
	c->rebind = lease_ms(c, c->lease.rebinding_time);
	c->expires = lease_ms(c, c->lease.lease_time);
	c->held = true;
	c->restarts = 0;
	fault_clear(&c->fault);
	rest(c);
}

// Section 18.2.9: the highest preference wins, of equals the first; offers are collected until the first
// repetition is due, and after that the first one is taken.
static void advertise_input(struct dhcp6_client *c, const struct dhcp6_message *m,
	const struct endpoint *from, uint64_t now)
{
	const struct dhcp6_address *a = choose(c, m);

	if (!a || m->status.code != DHCP6_SUCCESS) {
		const struct dhcp6_status *why = objection(m);

		if (why && c->preference < 0)
			refuse(c, why, from);
		return;
	}
	if (m->preference > c->preference) {
		c->preference = m->preference;
		c->server = m->server;
		c->address = a->address;
	}
	c->leave = m->preference == BEST || c->tries > 1 ? now : c->next;
}

static void lost(struct dhcp6_client *c, const struct dhcp6_message *m, const struct endpoint *from,
	uint64_t now)
{
	const struct dhcp6_status *why = objection(m);
	static const struct dhcp6_status withdrawn = {.words = {"the address is taken back", 25}};

	refuse(c, why ? why : &withdrawn, from);
	restart(c, now);
}

// Section 18.2.10.1, in answer to a REQUEST, a RENEW or a REBIND, or to a SOLICIT with rapid commit.
static void lease_input(struct dhcp6_client *c, const struct dhcp6_message *m, const struct endpoint *from,
	uint64_t now)
{
	const struct dhcp6_address *a = choose(c, m);
	uint16_t code = m->status.code != DHCP6_SUCCESS ? m->status.code : m->ia_status.code;

	if (a && code == DHCP6_SUCCESS) {
		bind(c, m, a);
	} else if (code == DHCP6_UNSPEC_FAIL || code == DHCP6_USE_MULTICAST) {
		refuse(c, code == m->status.code ? &m->status : &m->ia_status, from); // it is asked again
	} else if (code == DHCP6_NO_BINDING && c->held && c->state != DHCP6_REQUESTING) {
		c->server = m->server;
		enter(c, DHCP6_REQUESTING, now);
	} else if (!c->held || code != DHCP6_SUCCESS || m->count) {
		lost(c, m, from, now);
	} // else: no word of the address, which stays
}

static void confirm_input(struct dhcp6_client *c, const struct dhcp6_message *m,
	const struct endpoint *from, uint64_t now)
{
	if (m->status.code == DHCP6_SUCCESS)
		rest(c);
	else if (m->status.code == DHCP6_NOT_ON_LINK)
		lost(c, m, from, now);
}

static void inform_input(struct dhcp6_client *c, const struct dhcp6_message *m,
	const struct endpoint *from)
{
	if (m->status.code != DHCP6_SUCCESS) {
		refuse(c, &m->status, from);
		return;
	}
	c->lease = (struct lease){0};
	set_configuration(&c->lease, m);
	rest(c);
}

static void reply_input(struct dhcp6_client *c, const struct dhcp6_message *m, const struct endpoint *from,
	uint64_t now)
{
	switch (c->state) {
	case DHCP6_SOLICITING:
		if (m->rapid_commit)
			lease_input(c, m, from, now);
		break;
	case DHCP6_REQUESTING:
	case DHCP6_RENEWING:
		if (dhcp6_duid_equal(&m->server, &c->server))
			lease_input(c, m, from, now);
		break;
	case DHCP6_REBINDING:
		lease_input(c, m, from, now);
		break;
	case DHCP6_CONFIRMING:
		confirm_input(c, m, from, now);
		break;
	case DHCP6_DECLINING:
		restart(c, now);
		break;
	case DHCP6_INFORMING:
		inform_input(c, m, from);
		break;
	case DHCP6_BOUND:
		break;
	}
}

void dhcp6_client_input(struct dhcp6_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct dhcp6_message m;

	if (c->status != MACHINE_RUNNING || !c->tries || !dhcp6_read(&m, packet, length, c->cfg.iaid) ||
		m.xid != c->xid || !dhcp6_duid_equal(&m.client, &c->cfg.duid) || !m.server.length)
		return;
	if (m.sol_max_rt)
		c->sol_max_rt = m.sol_max_rt * 1000;
	if (m.type == DHCP6_ADVERTISE && c->state == DHCP6_SOLICITING)
		advertise_input(c, &m, from, now);
	else if (m.type == DHCP6_REPLY)
		reply_input(c, &m, from, now);
}

// ---- output

static void write_wishes(const struct dhcp6_client *c, struct writer *w)
{
	static const uint8_t wishes[] = {DHCP6_OPTION_DNS_SERVERS, DHCP6_OPTION_DOMAIN_LIST,
		DHCP6_OPTION_SNTP_SERVERS, DHCP6_OPTION_CLIENT_FQDN, DHCP6_OPTION_NEW_POSIX_TIMEZONE,
		DHCP6_OPTION_NEW_TZDB_TIMEZONE, DHCP6_OPTION_NTP_SERVER, DHCP6_OPTION_BOOTFILE_URL,
		DHCP6_OPTION_SOL_MAX_RT, DHCP6_OPTION_INF_MAX_RT};

	write_u16(w, DHCP6_OPTION_ORO);
	write_u16(w, sizeof wishes * 2);
	for (size_t i = 0; i < sizeof wishes; i++)
		write_u16(w, wishes[i]);
	if (c->cfg.hostname && !c->cfg.inform)
		dhcp6_write_fqdn(w, c->cfg.hostname);
}

// In hundredths of a second since the first message of the exchange.
static uint16_t elapsed(const struct dhcp6_client *c, uint64_t now)
{
	uint64_t ms = c->tries ? now - c->entered : 0;

	return ms < 655350 ? (uint16_t)((uint32_t)ms / 10) : 0xffff;
}

static void write_message(const struct dhcp6_client *c, struct writer *w, uint64_t now)
{
	uint16_t time = elapsed(c, now);
	uint8_t bytes[] = {(uint8_t)(time >> 8), (uint8_t)time};

	dhcp6_write_header(w, states[c->state].type, c->xid);
	dhcp6_write_option(w, DHCP6_OPTION_CLIENTID, c->cfg.duid.bytes, c->cfg.duid.length);
	if (states[c->state].server)
		dhcp6_write_option(w, DHCP6_OPTION_SERVERID, c->server.bytes, c->server.length);
	dhcp6_write_option(w, DHCP6_OPTION_ELAPSED_TIME, bytes, sizeof bytes);
	if (states[c->state].rapid)
		dhcp6_write_option(w, DHCP6_OPTION_RAPID_COMMIT, NULL, 0);
	if (states[c->state].ia)
		dhcp6_write_ia(w, c->cfg.iaid, states[c->state].address ? &c->address : NULL);
	if (c->state != DHCP6_CONFIRMING && c->state != DHCP6_DECLINING)
		write_wishes(c, w);
}

static uint32_t longest(const struct dhcp6_client *c)
{
	uint32_t ms = states[c->state].longest;

	return ms == LONGEST && c->sol_max_rt ? c->sol_max_rt : ms;
}

// Section 15: doubled each time, a tenth more or less; the first pause of a SOLICIT never less.
static void arm(struct dhcp6_client *c, uint64_t now)
{
	uint32_t base = c->tries ? c->timeout * 2 : states[c->state].first, most = longest(c);

	if (base > most)
		base = most;
	if (c->state == DHCP6_SOLICITING && !c->tries)
		c->timeout = base + 1 + random_below(c->cfg.random, base / 10);
	else
		c->timeout = base - base / 10 + random_below(c->cfg.random, base / 5 + 1);
	c->next = now + c->timeout;
	c->tries++;
}

bool dhcp6_client_output(struct dhcp6_client *c, struct writer *packet, struct endpoint *to, uint64_t now)
{
	while (c->status == MACHINE_RUNNING && now >= c->leave)
		move_on(c, now);
	if (c->status != MACHINE_RUNNING || now < c->next)
		return false;
	*to = (struct endpoint){.addr = all_servers, .interface = -1, .port = DHCP6_SERVER_PORT};
	write_message(c, packet, now);
	arm(c, now);
	return !packet->failed;
}

uint64_t dhcp6_client_deadline(const struct dhcp6_client *c)
{
	if (c->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	return c->next < c->leave ? c->next : c->leave;
}

enum machine_status dhcp6_client_status(const struct dhcp6_client *c)
{
	return c->status;
}

const char *dhcp6_client_awaits(const struct dhcp6_client *c)
{
	return states[c->state].awaited;
}
