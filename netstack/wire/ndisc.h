// SPDX-License-Identifier: BSD-2-Clause
// What a router's announcement (RFC 4861 section 4.2) says of DNS in its options (RFC 8106).
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/wire/dns_lists.h"

#include <stddef.h>

enum { NDISC_SERVERS = 4 };

enum ndisc_option { NDISC_RDNSS = 25, NDISC_DNSSL = 31 };

struct ndisc_dns {
	struct ipaddr servers[NDISC_SERVERS]; // unset at the end
	char search[DNS_LIST_NAMES];          // names separated by blanks
};

// Takes what one option says, which begins with its type and its length in units of 8 bytes. Servers that are
// not known yet are added; those of an option with a lifetime of 0 are taken away, and so are the domains
// then. Else the domains of the first option count. Other and malformed options say nothing.
void ndisc_read_dns(struct ndisc_dns *dns, const void *option, size_t length);
