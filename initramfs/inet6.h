// SPDX-License-Identifier: BSD-2-Clause
// The kernel's list of IPv6 addresses, /proc/net/if_inet6 (Linux net/ipv6/addrconf.c). Does no I/O.
#pragma once

#include "netstack/base/ipaddr.h"

// The first address of the interface `name` that other networks can reach and that is known to be nobody
// else's: the one that the kernel makes from a router's announcement (RFC 4862). False if there is none.
bool inet6_find(const char *list, const char *name, struct ipaddr *address, uint8_t *prefix);
