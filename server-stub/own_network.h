// SPDX-License-Identifier: BSD-2-Clause
// The router and the name server that this machine uses itself: what its clients are told unless the
// configuration says otherwise.
#pragma once

#include "server-stub/interface.h"

// The router in this interface's network; unset: it has none there.
struct ipaddr own_gateway(const struct interface *i);
// The first name server that others can ask, too (one on a loopback address only serves this machine);
// unset: none is known.
struct ipaddr own_nameserver(void);

// The same from the text of /proc/net/route and of resolv.conf(5).
struct ipaddr own_gateway_in(const char *routes, const struct interface *i);
struct ipaddr own_nameserver_in(const char *resolv_conf);
