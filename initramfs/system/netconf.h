// SPDX-License-Identifier: BSD-2-Clause
// The network configuration that the root's network card got, whoever said so, and the files that
// hand it over to the running system. A static ip= becomes a struct lease too, so that all that
// follows knows one form.
#pragma once

#include "netstack/base/text.h"
#include "netstack/lease.h"
#include "netstack/wire/ipparam.h"

enum {
	NETCONF_HOSTNAME = 65, // what sethostname(2) takes, with its NUL
	NETCONF_SERVER = IPADDR_TEXT + 11,
};

struct netconf {
	const char *device, *protocol; // "eth0"; "dhcp", "static" or "none" (IPv6)
	const char *protocol6;         // "dhcp6", "auto6", "link6" or "static" where the address is of IPv6
	const struct lease *lease;
	const char *root_server, *root_path; // "" where unknown
	uint32_t uptime;                     // seconds
};

// A lease that says what a static ip= says; where that names no netmask, the address's class.
void netconf_from_parameter(struct lease *lease, const struct ipparam *p);
// Copies from `old` what `lease` does not have (not addresses: routes, servers, names and texts).
void netconf_fill(struct lease *lease, const struct lease *old);
// Whether both configure a machine in the same way: their times, and what only booting needs, aside.
bool netconf_same(const struct lease *a, const struct lease *b);
// /run/net-DEVICE.conf as klibc's ipconfig writes it: shell assignments, values in single quotes.
void netconf_klibc(const struct netconf *c, struct text *to);
// Whether the characters may be a domain's name, as it may stand in a file.
bool netconf_is_domain(const char *name, size_t length);
// The domains in which names are looked for, with blanks between them. Names that are none are left out.
void netconf_search(const struct lease *lease, struct text *to);
// How files name a server of the lease: an address of the link with its interface's number behind it
// (RFC 4007 section 11), for the name may change. Returns `to`.
const char *netconf_server(const struct lease *lease, const struct ipaddr *a, char to[NETCONF_SERVER]);
// resolv.conf; nothing at all where the lease names no DNS server.
void netconf_resolv(const struct lease *lease, struct text *to);
// The first label of `name` if it may be a host name (RFC 1123; '_' is tolerated), else "".
void netconf_hostname(const char *name, char to[NETCONF_HOSTNAME]);
