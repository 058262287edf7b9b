// SPDX-License-Identifier: BSD-2-Clause
// Names of servers: found by DNS once, and kept for the rest of the boot.
#include "bootloader/fetch_parts.h"
#include "netstack/base/memory.h"

static struct fetch_name *known(struct fetch *f, const char *host)
{
	for (size_t i = 0; i < FETCH_NAMES; i++)
		if (f->names[i].count && text_same(f->names[i].host, host))
			return &f->names[i];
	return NULL;
}

void fetch_know(struct fetch *f, const char *host, const struct ipaddr *addresses, size_t count)
{
	struct fetch_name *name = known(f, host);
	struct text t;

	if (!name)
		name = &f->names[f->oldest_name++ % FETCH_NAMES];
	t = text_of(name->host, sizeof name->host);
	text_append(&t, host, strlen(host));
	name->count = t.cut ? 0 : count < DNS_ADDRESSES ? count : DNS_ADDRESSES;
	memcpy(name->addresses, addresses, name->count * sizeof *addresses);
}

size_t fetch_host_addresses(struct fetch *f, const char *host, struct ipaddr addresses[DNS_ADDRESSES])
{
	const struct fetch_name *name = known(f, host);

	if (!name)
		return 0;
	memcpy(addresses, name->addresses, sizeof name->addresses);
	return name->count;
}

void fetch_forget(struct fetch *f, const char *host)
{
	struct fetch_name *name = known(f, host);

	if (name)
		name->count = 0;
}

static void on_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct fetch_transfer *t = owner;

	dns_client_input(&t->lookup.dns, d->payload, d->length, &d->from, now);
}

static void on_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	struct fetch_transfer *t = owner;

	dns_client_unreachable(&t->lookup.dns, peer, fault, now);
}

static void start(struct fetch *f, struct fetch_transfer *t, const char *host, uint64_t now)
{
	const struct stack_handler handler = {t, on_input, on_unreachable};
	struct dns_client_config cfg = {.random = f->random, .host = host, .domain = f->domain};

	memcpy(cfg.servers, f->dns, sizeof cfg.servers);
	t->lookup.socket = stack_bind(f->stack, -1, STACK_PORT_ANY, &handler);
	dns_client_start(&t->lookup.dns, &cfg, now);
}

static void send_due(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	uint8_t buffer[DNS_MESSAGE];
	struct endpoint to;
	struct fault fault;
	char server[IPADDR_TEXT];

	for (;;) {
		struct writer w = writer_of(buffer, sizeof buffer);

		if (!dns_client_output(&t->lookup.dns, &w, &to, now))
			return;
		if (stack_send(f->stack, t->lookup.socket, &to, buffer, writer_length(&w), now) !=
			STACK_NO_ROUTE)
			continue;
		fault_set(&fault, FAULT_NO_ROUTE, "no way to %s", ipaddr_format(&to.addr, server));
		dns_client_unreachable(&t->lookup.dns, &to, &fault, now);
	}
}

void fetch_lookup_end(struct fetch_transfer *t)
{
	if (t->lookup.socket)
		stack_unbind(t->stack, t->lookup.socket);
	t->lookup.socket = NULL;
}

enum machine_status fetch_look_up(struct fetch *f, struct fetch_transfer *t, const char *host,
	struct ipaddr addresses[DNS_ADDRESSES], size_t *count, uint64_t now)
{
	enum machine_status status;

	if (ipaddr_parse(&addresses[0], host, strlen(host))) {
		*count = 1;
		return MACHINE_DONE;
	}
	*count = fetch_host_addresses(f, host, addresses);
	if (*count)
		return MACHINE_DONE;
	if (!t->lookup.socket)
		start(f, t, host, now);
	if (!t->lookup.socket) {
		fault_set(&t->fault, FAULT_MEMORY, "for one more port, to look up \"%.80s\"", host);
		return MACHINE_FAILED;
	}
	send_due(f, t, now);
	status = dns_client_status(&t->lookup.dns);
	if (status == MACHINE_RUNNING)
		return status;
	fetch_lookup_end(t);
	t->fault = t->lookup.dns.fault;
	if (status == MACHINE_FAILED)
		return status;
	fetch_know(f, host, t->lookup.dns.addresses, t->lookup.dns.count);
	return fetch_look_up(f, t, host, addresses, count, now);
}

uint64_t fetch_lookup_deadline(const struct fetch_transfer *t)
{
	return t->lookup.socket ? dns_client_deadline(&t->lookup.dns) : DEADLINE_NEVER;
}
