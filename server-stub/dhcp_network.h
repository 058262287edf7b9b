// SPDX-License-Identifier: BSD-2-Clause
// The networks that the DHCP service gives addresses on: one for each interface's, and one behind
// relays where the pool given lies on no interface's network.
#pragma once

#include "server-stub/addresses.h"
#include "server-stub/dhcpd.h"

struct dhcp_network {
	struct ipaddr own;    // the server's address in it; behind relays: the pool's first
	uint8_t prefix;
	struct ipaddr first, last;
	struct addresses addresses;
	uint64_t emptied;     // when it was last said that there are none left, 0: not yet
};

struct dhcp_networks {
	struct dhcp_network list[INTERFACES];
	size_t count;
	struct dhcp_network *of[INTERFACES]; // in the order of the interfaces, NULL: none
	struct dhcp_network *relayed;        // NULL: none
};

// Works out the networks and says what does not fit. False where memory is missing.
bool dhcp_networks_start(struct dhcp_networks *n, const struct dhcpd_config *config);
void dhcp_networks_stop(struct dhcp_networks *n);
bool dhcp_network_has(const struct dhcp_network *n, const struct ipaddr *address);
// The prefix of a network that is known by its pool only: a /24, or what the pool's ends have in
// common if that is shorter. A relay in it may ask for addresses.
uint8_t dhcp_network_prefix(const struct ipaddr *first, const struct ipaddr *last);
