// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/address.h"

#include "initramfs/milestone.h"

#include <string.h>

static void complain(const struct netlink_link *link, const char *what, int error)
{
	if (error)
		milestone_notice("%s: %s: %s", link->name, what, strerror(error));
}

void address_add_route(struct netlink *n, const struct netlink_link *link, const struct lease *l,
	const struct ipaddr *destination, unsigned prefix, const struct ipaddr *gateway)
{
	bool beyond = !ipaddr_is_unset(gateway) && !ipaddr_same_net(&l->address, gateway, l->prefix);
	char shown[IPADDR_TEXT];
	int error;

	if (beyond && !ipaddr_is_link_local(gateway))
		milestone_notice("the router %s is not on the network of %s: taken to be on link",
			ipaddr_format(gateway, shown), link->name);
	error = netlink_add_route(n, link->index, destination, prefix, gateway, beyond);
	complain(link, "a route", error);
}

// RFC 3442: where classless routes are given, the router option counts for nothing.
static void add_routes(struct netlink *n, const struct netlink_link *link, const struct lease *l)
{
	struct ipaddr any = {.family = l->routers[0].family};

	for (size_t i = 0; i < l->route_count; i++)
		address_add_route(n, link, l, &l->routes[i].destination, l->routes[i].prefix,
			&l->routes[i].gateway);
	if (!l->classless && !ipaddr_is_unset(&l->routers[0]))
		address_add_route(n, link, l, &any, 0, &l->routers[0]);
}

static struct ipaddr broadcast_of(const struct lease *l)
{
	uint32_t host;

	if (!ipaddr_is_unset(&l->broadcast))
		return l->broadcast;
	if (l->address.family != IP_V4 || l->prefix > 30)
		return (struct ipaddr){0};
	host = l->prefix ? ~(~(uint32_t)0 << (32 - l->prefix)) : ~(uint32_t)0;
	return ipaddr_from_u32(ipaddr_to_u32(&l->address) | host);
}

bool address_set(struct netlink *n, const struct netlink_link *link, const struct lease *lease)
{
	struct ipaddr broadcast = broadcast_of(lease);
	int error;

	if (lease->mtu && lease->mtu != link->mtu)
		complain(link, "MTU", netlink_set_mtu(n, link->index, lease->mtu));
	error = netlink_add_address(n, link->index, &lease->address, lease->prefix, &broadcast);
	complain(link, "address", error);
	if (error)
		return false;
	add_routes(n, link, lease);
	return true;
}

void address_clear(struct netlink *n, const struct netlink_link *link, const struct lease *lease)
{
	complain(link, "taking the address back",
		netlink_delete_address(n, link->index, &lease->address, lease->prefix));
}
