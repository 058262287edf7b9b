// SPDX-License-Identifier: BSD-2-Clause
// DNS client machine; its rules stand in the header.
#include "netstack/dns_client.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum {
	PATIENCE = 10000, // ms
	PAUSE_FIRST = 1000,
	PAUSE_MAX = 4000,
	ALIASES_MAX = 8,
};

static bool has_dot(const char *host)
{
	while (*host && *host != '.')
		host++;
	return *host;
}

// Turns to the next server that may be of use. False if there is none.
static bool next_server(struct dns_client *c)
{
	for (unsigned i = 1; i <= DNS_SERVERS; i++) {
		unsigned n = (c->server + i) % DNS_SERVERS;

		if (!(c->useless >> n & 1)) {
			c->server = n;
			return true;
		}
	}
	return false;
}

// Begins to ask for c->name; its first question is due at once, and goes to the server that has
// answered the one before.
static void ask(struct dns_client *c)
{
	c->id = (uint16_t)random_u32(c->cfg.random);
	c->tries = 0;
	c->pause = PAUSE_FIRST;
	c->due = true;
}

static bool ask_host(struct dns_client *c)
{
	char buffer[DNS_HOST + 260];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, c->in_domain ? "%s.%s" : "%s", c->host, c->cfg.domain);
	ask(c);
	if (dns_name_read(&c->name, buffer, t.length))
		return true;
	c->status = MACHINE_FAILED;
	return fault_set(&c->fault, FAULT_NAME_LOOKUP, "(\"%.80s\" is no host's name)", c->host);
}

void dns_client_start(struct dns_client *c, const struct dns_client_config *cfg, uint64_t now)
{
	struct text host = text_of(c->host, sizeof c->host);

	memset(c, 0, sizeof *c);
	c->cfg = *cfg;
	if (!c->cfg.patience)
		c->cfg.patience = PATIENCE;
	c->started = now;
	text_foreign(&host, cfg->host, strlen(cfg->host));
	for (unsigned i = 0; i < DNS_SERVERS; i++)
		c->useless |= (unsigned)ipaddr_is_unset(&cfg->servers[i]) << i;
	c->server = DNS_SERVERS - 1;
	c->in_domain = cfg->domain && cfg->domain[0] && !has_dot(c->host);
	if (!next_server(c)) {
		fault_set(&c->fault, FAULT_NAME_LOOKUP, "(\"%.80s\": DHCP has named no DNS server)",
			c->host);
		c->status = MACHINE_FAILED;
	} else if (!ask_host(c) && c->in_domain) { // that domain cannot be meant
		c->status = MACHINE_RUNNING;
		c->in_domain = false;
		ask_host(c);
	}
}

static void fail(struct dns_client *c)
{
	c->status = MACHINE_FAILED;
}

// This server cannot help: the others are asked at once, or, if there is none, c->fault stays.
static void give_up_server(struct dns_client *c, unsigned server)
{
	c->useless |= 1u << server;
	if (server != c->server)
		return;
	if (next_server(c))
		c->due = true;
	else
		fail(c);
}

static void no_such_name(struct dns_client *c, const char *server, const char *says)
{
	if (c->in_domain) {
		c->in_domain = false;
		ask_host(c);
		return;
	}
	fault_set(&c->fault, FAULT_NAME_LOOKUP, "(\"%.80s\": %s, says %s)", c->host, says, server);
	fail(c);
}

static void error_input(struct dns_client *c, const struct dns_answer *a, unsigned server)
{
	static const char *const words[] = {[DNS_OK] = "no error", [DNS_FORMAT_ERROR] = "format error",
		[DNS_SERVER_FAILURE] = "server failure", [DNS_NO_SUCH_NAME] = "no such name",
		[DNS_NOT_IMPLEMENTED] = "not implemented", [DNS_REFUSED] = "refused"};
	char name[IPADDR_TEXT];

	fault_set(&c->fault, FAULT_NAME_SERVER, "(\"%.80s\": %s says: %u %s)", c->host,
		ipaddr_format(&c->cfg.servers[server], name), a->rcode,
		a->truncated         ? "answer cut off"
		: a->rcode <= DNS_REFUSED ? words[a->rcode]
					  : "");
	give_up_server(c, server);
}

static void answer_input(struct dns_client *c, const struct dns_answer *a, unsigned server)
{
	char name[IPADDR_TEXT];

	ipaddr_format(&c->cfg.servers[server], name);
	if (a->rcode == DNS_NO_SUCH_NAME) {
		no_such_name(c, name, "there is no such name");
	} else if (a->rcode != DNS_OK || (a->truncated && !a->count)) {
		error_input(c, a, server);
	} else if (a->count) {
		memcpy(c->addresses, a->addresses, sizeof c->addresses);
		c->count = a->count;
		c->status = MACHINE_DONE;
		fault_clear(&c->fault);
	} else if (a->alias && c->aliases++ < ALIASES_MAX) {
		c->name = a->name;
		c->server = server;
		ask(c);
	} else {
		no_such_name(c, name, a->alias ? "it is an alias of aliases without end"
					       : "it has no IPv4 address");
	}
}

void dns_client_input(struct dns_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct dns_answer a;

	(void)now;
	if (c->status != MACHINE_RUNNING || from->port != DNS_PORT || !c->tries)
		return;
	for (unsigned i = 0; i < DNS_SERVERS; i++) {
		if (c->useless >> i & 1 || !ipaddr_equal(&from->addr, &c->cfg.servers[i]))
			continue;
		if (dns_read_answer(&a, packet, length, c->id, &c->name))
			answer_input(c, &a, i);
		return;
	}
}

void dns_client_unreachable(struct dns_client *c, const struct endpoint *peer,
	const struct fault *why, uint64_t now)
{
	(void)now;
	for (unsigned i = 0; i < DNS_SERVERS; i++) {
		if (c->status != MACHINE_RUNNING || c->useless >> i & 1 ||
			!ipaddr_equal(&peer->addr, &c->cfg.servers[i]))
			continue;
		fault_set(&c->fault, FAULT_NAME_SILENT, "for \"%.60s\" (%.120s)", c->host, why->facts);
		give_up_server(c, i);
	}
}

static void give_up(struct dns_client *c, uint64_t now)
{
	char name[IPADDR_TEXT];

	if (!c->fault.id)
		fault_set(&c->fault, FAULT_NAME_SILENT, "(%s was asked for \"%.80s\", %u times in %u s)",
			ipaddr_format(&c->cfg.servers[c->server], name), c->host, c->tries,
			(uint32_t)(now - c->started) / 1000);
	fail(c);
}

bool dns_client_output(struct dns_client *c, struct writer *packet, struct endpoint *to, uint64_t now)
{
	unsigned before = c->server;

	if (c->status == MACHINE_RUNNING && now - c->started >= c->cfg.patience)
		give_up(c, now);
	if (c->status != MACHINE_RUNNING || (!c->due && now < c->next))
		return false;
	if (!c->due) { // nobody has answered: the next in turn
		next_server(c);
		if (c->server <= before && c->pause < PAUSE_MAX)
			c->pause *= 2;
	}
	c->due = false;
	c->tries++;
	c->next = now + c->pause;
	*to = (struct endpoint){c->cfg.servers[c->server], -1, DNS_PORT};
	dns_write_question(packet, c->id, &c->name);
	return !packet->failed;
}

uint64_t dns_client_deadline(const struct dns_client *c)
{
	uint64_t end = c->started + c->cfg.patience;

	if (c->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	if (c->due)
		return 0;
	return c->next < end ? c->next : end;
}

enum machine_status dns_client_status(const struct dns_client *c)
{
	return c->status;
}
