// SPDX-License-Identifier: BSD-2-Clause
// RFC 8106 sections 5.1 and 5.2:
//
//	 25 (1) | length (1) | reserved (2) | lifetime (4) | addresses (16 each)         RDNSS
//	 31 (1) | length (1) | reserved (2) | lifetime (4) | domain names, then zeros    DNSSL
#include "netstack/wire/ndisc.h"

enum { UNIT = 8, RESERVED = 2, OPTION_SERVERS = 127 };

static void remove_servers(struct ndisc_dns *dns, struct reader *data)
{
	struct ipaddr gone[OPTION_SERVERS] = {{0}}, *to = dns->servers;

	dns_list_servers(gone, OPTION_SERVERS, true, data);
	for (size_t i = 0; i < NDISC_SERVERS; i++) {
		struct ipaddr a = dns->servers[i];
		size_t k = 0;

		while (k < OPTION_SERVERS && !ipaddr_equal(&gone[k], &a))
			k++;
		dns->servers[i] = (struct ipaddr){0};
		if (k == OPTION_SERVERS)
			*to++ = a;
	}
}

void ndisc_read_dns(struct ndisc_dns *dns, const void *option, size_t length)
{
	struct reader r = reader_of(option, length), data;
	uint8_t type = read_u8(&r);
	size_t units = read_u8(&r);
	bool lasts;

	read_skip(&r, RESERVED);
	lasts = read_u32(&r);
	data = read_sub(&r, (units - 1) * UNIT);
	if (!units || r.failed)
		return;
	if (type == NDISC_RDNSS && units % 2) {
		if (lasts)
			dns_list_servers(dns->servers, NDISC_SERVERS, true, &data);
		else
			remove_servers(dns, &data);
	} else if (type == NDISC_DNSSL && !lasts) {
		dns->search[0] = 0;
	} else if (type == NDISC_DNSSL && !dns->search[0]) {
		struct text search = text_of(dns->search, sizeof dns->search);

		dns_list_search(&search, &data);
	}
}
