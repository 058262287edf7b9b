// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/dhcp_network.h"
#include "server-stub/log.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

enum { PREFIX_MOST = 24 };

bool dhcp_network_has(const struct dhcp_network *n, const struct ipaddr *address)
{
	return ipaddr_same_net(address, &n->own, n->prefix);
}

uint8_t dhcp_network_prefix(const struct ipaddr *first, const struct ipaddr *last)
{
	uint8_t prefix = PREFIX_MOST;

	while (prefix && !ipaddr_same_net(first, last, prefix))
		prefix--;
	return prefix;
}

// ---- what is never given ---------------------------------------------------------------------

// All addresses of this machine, also those that it does not serve on.
static void exclude_own(struct addresses *a)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		const struct sockaddr_in *in = (const void *)i->ifa_addr;

		if (in && in->sin_family == AF_INET) {
			struct ipaddr own = ipaddr_from_u32(ntohl(in->sin_addr.s_addr));

			addresses_exclude(a, &own);
		}
	}
	freeifaddrs(all);
}

static void exclude_ends(struct addresses *a, const struct ipaddr *own, unsigned prefix)
{
	struct ipaddr mask = ipaddr_prefix_to_mask(prefix);
	uint32_t network = ipaddr_to_u32(own) & ipaddr_to_u32(&mask);
	struct ipaddr low = ipaddr_from_u32(network);
	struct ipaddr high = ipaddr_from_u32(network | ~ipaddr_to_u32(&mask));

	addresses_exclude(a, &low);
	addresses_exclude(a, &high);
}

static bool add(struct dhcp_networks *n, const struct dhcpd_config *config, const struct ipaddr *own,
	uint8_t prefix, const struct dhcpd_pool *pool)
{
	struct dhcp_network *to = &n->list[n->count];

	*to = (struct dhcp_network){
		.own = *own, .prefix = prefix, .first = pool->first, .last = pool->last};
	if (!addresses_start(&to->addresses, &pool->first, &pool->last))
		return false;
	to->last = ipaddr_from_u32(to->addresses.first + to->addresses.count - 1);
	n->count++;
	exclude_own(&to->addresses);
	exclude_ends(&to->addresses, own, prefix);
	addresses_exclude(&to->addresses, &config->dns);
	for (size_t i = 0; i < config->interfaces->count; i++)
		addresses_exclude(&to->addresses, &config->router[i]);
	return true;
}

// ---- which networks there are ----------------------------------------------------------------

static bool pool_is_given(const struct dhcpd_config *config)
{
	return !ipaddr_is_unset(&config->pool.first);
}

static bool pool_in(const struct dhcpd_config *config, const struct interface *i)
{
	return ipaddr_same_net(&config->pool.first, &i->address, i->prefix) &&
		ipaddr_same_net(&config->pool.last, &i->address, i->prefix);
}

// Two cards on one cable share a pool.
static struct dhcp_network *same_network(struct dhcp_networks *n, const struct interface *i)
{
	for (size_t k = 0; k < n->count; k++)
		if (n->list[k].prefix == i->prefix && dhcp_network_has(&n->list[k], &i->address))
			return &n->list[k];
	return NULL;
}

static bool pool_for(const struct dhcpd_config *config, const struct interface *i,
	struct dhcpd_pool *pool)
{
	*pool = config->pool;
	if (pool_is_given(config))
		return pool_in(config, i);
	return addresses_default_pool(&i->address, i->prefix, &pool->first, &pool->last);
}

static bool add_interface(struct dhcp_networks *n, const struct dhcpd_config *config, size_t number)
{
	const struct interface *i = &config->interfaces->list[number];
	struct dhcpd_pool pool;

	if (!i->ethernet)
		return true;
	n->of[number] = same_network(n, i);
	if (n->of[number])
		return true;
	if (!pool_for(config, i, &pool)) {
		log_say(LOG_NOTICE, "dhcp", "%s: %s", i->name, pool_is_given(config) ?
			"the pool is not of its network, no address is given there" :
			"its network has no room for others, no address is given there");
		return true;
	}
	if (!add(n, config, &i->address, i->prefix, &pool))
		return false;
	n->of[number] = &n->list[n->count - 1];
	return true;
}

// A pool that no interface's network contains is for networks behind relays.
static bool add_relayed(struct dhcp_networks *n, const struct dhcpd_config *config)
{
	uint8_t prefix = dhcp_network_prefix(&config->pool.first, &config->pool.last);
	struct ipaddr network = config->pool.first;
	char text[IPADDR_TEXT];

	if (!add(n, config, &network, prefix, &config->pool))
		return false;
	n->relayed = &n->list[n->count - 1];
	log_say(LOG_NOTICE, "dhcp", "the pool is of no interface's network: its addresses are given to "
		"what relays in the network of %s/%u send", ipaddr_format(&network, text), prefix);
	return true;
}

static bool pool_is_sound(const struct dhcpd_config *config)
{
	const struct dhcpd_pool *pool = &config->pool;
	char first[IPADDR_TEXT], last[IPADDR_TEXT];
	struct fault fault;

	if (ipaddr_is_host(&pool->first) && ipaddr_is_host(&pool->last) &&
		ipaddr_to_u32(&pool->first) <= ipaddr_to_u32(&pool->last))
		return true;
	fault_set(&fault, FAULT_SERVER_POOL, ": %s-%s", ipaddr_format(&pool->first, first),
		ipaddr_format(&pool->last, last));
	log_fault("dhcp", &fault);
	return false;
}

bool dhcp_networks_start(struct dhcp_networks *n, const struct dhcpd_config *config)
{
	bool right = true;

	*n = (struct dhcp_networks){0};
	if (pool_is_given(config) && !pool_is_sound(config))
		return true;
	for (size_t i = 0; i < config->interfaces->count && right; i++)
		right = add_interface(n, config, i);
	if (right && !n->count && pool_is_given(config))
		right = add_relayed(n, config);
	if (!right)
		dhcp_networks_stop(n);
	return right;
}

void dhcp_networks_stop(struct dhcp_networks *n)
{
	for (size_t i = 0; i < n->count; i++)
		addresses_end(&n->list[i].addresses);
	n->count = 0;
}
