// SPDX-License-Identifier: BSD-2-Clause
// DNS beyond what the boot program asks for: a host's IPv6 addresses (RFC 3596), and the name that belongs
// to an address (RFC 1035 section 3.5, RFC 3596 section 2.5).
#pragma once

#include "netstack/wire/dns.h"

enum dns_type { DNS_PTR = 12, DNS_AAAA = 28 };

enum { DNS_HOST_NAME = 256 };

struct dns_records {
	uint8_t rcode;
	size_t count;
	struct ipaddr addresses[DNS_ADDRESSES]; // DNS_AAAA
	char host[DNS_HOST_NAME];               // DNS_PTR: the first name, "" none; letters, digits, '-', '_', '.'
};

// The name that the address's PTR record has: in in-addr.arpa or ip6.arpa.
void dns_reverse_name(struct dns_name *name, const struct ipaddr *address);
// The question for `name`'s records of that type, recursion desired.
void dns_write_query(struct writer *w, uint16_t id, const struct dns_name *name, enum dns_type type);
// Reads the answer to that very question, as dns_read_answer does.
bool dns_read_records(struct dns_records *records, const void *message, size_t length, uint16_t id,
	const struct dns_name *name, enum dns_type type);
