// SPDX-License-Identifier: BSD-2-Clause
// What this machine is and uses itself: the router and the name server, which its clients are told
// unless the configuration says otherwise, and its hardware addresses.
#pragma once

#include "server-stub/interface.h"

// The router in this interface's network; unset: it has none there.
struct ipaddr own_gateway(const struct interface *i);
// The first name server that others can ask, too (one on a loopback address only serves this
// machine); unset: none is known.
struct ipaddr own_nameserver(void);
// The interface's hardware address as it is now: a bridge's changes when ports come and go.
// `socket` may be of any kind.
void own_hwaddr(const struct interface *i, int socket, uint8_t to[6]);

// Router and name server from the text of /proc/net/route and of resolv.conf(5).
struct ipaddr own_gateway_in(const char *routes, const struct interface *i);
struct ipaddr own_nameserver_in(const char *resolv_conf);
