// SPDX-License-Identifier: BSD-2-Clause
// RFC 8106 sections 5.1 and 5.2:
//
//	 25 (1) | length (1) | reserved (2) | lifetime (4) | addresses (16 each)         RDNSS
//	 31 (1) | length (1) | reserved (2) | lifetime (4) | domain names, then zeros    DNSSL
#include "netstack/wire/ndisc.h"

enum { UNIT = 8, RESERVED = 2 };

void ndisc_read_dns(struct ndisc_dns *dns, const void *option, size_t length)
{
	struct reader r = reader_of(option, length), data;
	uint8_t type = read_u8(&r);
	size_t units = read_u8(&r);

	read_skip(&r, RESERVED);
	if (!read_u32(&r) || r.failed)
		return;
	data = read_sub(&r, (units - 1) * UNIT);
	if (!units || r.failed)
		return;
	if (type == NDISC_RDNSS) {
		dns_list_servers(dns->servers, NDISC_SERVERS, true, &data);
	} else if (type == NDISC_DNSSL && !dns->search[0]) {
		struct text search = text_of(dns->search, sizeof dns->search);

		dns_list_search(&search, &data);
	}
}
