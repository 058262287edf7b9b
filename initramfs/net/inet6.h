// SPDX-License-Identifier: BSD-2-Clause
// The kernel's list of IPv6 addresses, /proc/net/if_inet6 (Linux net/ipv6/addrconf.c), and what ip= and a
// router's announcement together mean for DHCPv6. Does no I/O.
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/wire/ipparam.h"

// What a router has announced: IF_RA_... of Linux include/net/if_inet6.h.
enum {
	INET6_RA_RECEIVED = 0x20,
	INET6_RA_MANAGED = 0x40, // addresses by DHCPv6 (M, RFC 4861 section 4.2)
	INET6_RA_OTHER = 0x80,   // other configuration by DHCPv6 (O)
};

enum inet6_presence {
	INET6_ABSENT,
	INET6_TENTATIVE, // the kernel is finding out whether somebody else has it (RFC 4862 section 5.4)
	INET6_TAKEN,     // somebody else has it
	INET6_READY,
};

// The first address of the interface `name` that other networks can reach and that is known to be nobody
// else's: the one that the kernel makes from a router's announcement (RFC 4862). False if there is none.
bool inet6_find(const char *list, const char *name, struct ipaddr *address, uint8_t *prefix);
// The interface's address on its link, known to be nobody else's. False if there is none (yet).
bool inet6_find_link(const char *list, const char *name, struct ipaddr *address);
// How it is with an address that the interface was given.
enum inet6_presence inet6_presence(const char *list, const char *name, const struct ipaddr *address);
// Whether the card's address is to come by DHCPv6: after `waited` ms, with these flags (INET6_RA_...).
bool inet6_by_dhcp(enum ipparam_autoconf way, uint32_t flags, uint64_t waited);
// Whether a DHCPv6 server is to be asked for other configuration beside an address of the kernel's.
bool inet6_informs(uint32_t flags);
