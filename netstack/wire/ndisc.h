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
	char search[DNS_LIST_NAME];           // names separated by blanks
};

// Adds what one option says, which begins with its type and its length in units of 8 bytes. Options that
// are of another type, malformed, or no longer to be used (a lifetime of 0) say nothing; servers that are
// known already are not added again; the domains of the first option count.
void ndisc_read_dns(struct ndisc_dns *dns, const void *option, size_t length);
