// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/address.h"

#include "initramfs/milestone.h"

#include <string.h>

static void complain(const struct netlink_link *link, const char *what, int error)
{
	if (error)
		milestone_notice("%s: %s: %s", link->name, what, strerror(error));
}

// RFC 3442: where classless routes are given, the router option counts for nothing.
static void add_routes(struct netlink *n, const struct netlink_link *link, const struct lease *l)
{
	struct ipaddr any = ipaddr_v4(0, 0, 0, 0);

	for (size_t i = 0; i < l->route_count; i++)
		complain(link, "a route of the lease", netlink_add_route(n, link->index,
			&l->routes[i].destination, l->routes[i].prefix, &l->routes[i].gateway));
	if (l->classless || ipaddr_is_unset(&l->routers[0]))
		return;
	if (!ipaddr_same_net(&l->address, &l->routers[0], l->prefix))
		milestone_notice("the router is not on the network of %s: taken to be on link",
			link->name);
	complain(link, "the default route",
		netlink_add_route(n, link->index, &any, 0, &l->routers[0]));
}

static struct ipaddr broadcast_of(const struct lease *l)
{
	uint32_t host = l->prefix ? ~(~(uint32_t)0 << (32 - l->prefix)) : ~(uint32_t)0;

	if (!ipaddr_is_unset(&l->broadcast))
		return l->broadcast;
	return l->prefix > 30 ? (struct ipaddr){0}
		: ipaddr_from_u32(ipaddr_to_u32(&l->address) | host);
}

bool address_set(struct netlink *n, const struct netlink_link *link, const struct lease *lease)
{
	struct ipaddr broadcast = broadcast_of(lease);
	int error;

	if (lease->mtu && lease->mtu < link->mtu)
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
