// SPDX-License-Identifier: BSD-2-Clause
// Routes of the stack: the networks that the interfaces stand in, and a table (RFC 1122 section
// 3.3.1). Looked up for every packet; the longest prefix wins, of equal ones a table entry before an
// interface's own network (so that a router is used where the netmask is 0), then the older one.
#include "netstack/base/memory.h"
#include "netstack/stack_parts.h"

static bool own_network(const struct stack_interface *i, const struct ipaddr *to)
{
	return !ipaddr_is_unset(&i->address) && ipaddr_same_net(&i->address, to, i->prefix);
}

int route_find(const struct stack *s, const struct ipaddr *to, int interface, struct ipaddr *hop)
{
	int best = -1, best_prefix = -1;

	for (int i = 0; i < STACK_ROUTES; i++) {
		const struct stack_route *r = &s->routes[i];

		if (!r->used || (interface >= 0 && r->interface != interface) ||
			ipaddr_is_unset(&s->interfaces[r->interface].address) || r->prefix <= best_prefix ||
			!ipaddr_same_net(&r->destination, to, r->prefix))
			continue;
		best = r->interface;
		best_prefix = r->prefix;
		*hop = ipaddr_is_unset(&r->gateway) ? *to : r->gateway;
	}
	for (int i = 0; i < (int)s->interface_count; i++) {
		const struct stack_interface *face = &s->interfaces[i];

		if ((interface >= 0 && i != interface) || face->prefix <= best_prefix ||
			!own_network(face, to))
			continue;
		best = i;
		best_prefix = face->prefix;
		*hop = *to;
	}
	return best;
}

bool stack_add_route(struct stack *s, const struct ipaddr *destination, unsigned prefix,
	const struct ipaddr *gateway, int interface)
{
	if (interface < 0 || interface >= (int)s->interface_count || prefix > 32)
		return false;
	for (int i = 0; i < STACK_ROUTES; i++) {
		struct stack_route *r = &s->routes[i];

		if (r->used)
			continue;
		*r = (struct stack_route){
			.used = true,
			.destination = *destination,
			.prefix = (uint8_t)prefix,
			.gateway = *gateway,
			.interface = interface,
		};
		return true;
	}
	return false;
}
