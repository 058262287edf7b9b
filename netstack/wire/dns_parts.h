// SPDX-License-Identifier: BSD-2-Clause
// What dns.c and dns_records.c know of each other.
#pragma once

#include "netstack/wire/dns.h"

enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_CNAME = 5,
	DNS_CLASS_IN = 1,
	DNS_FLAG_RESPONSE = 0x8000,
	DNS_FLAG_OPCODE = 0x7800,
	DNS_FLAG_TRUNCATED = 0x0200,
	DNS_ALIASES = 8, // followed within one answer
};

struct dns_record {
	struct dns_name name;
	uint16_t type, class;
	struct reader data;
};

bool dns_parts_same(const struct dns_name *a, const struct dns_name *b);
// The name at *r in the message that begins at `start`; *r is left behind it.
void dns_parts_name(struct reader *r, const uint8_t *start, struct dns_name *name);
void dns_parts_record(struct reader *r, const uint8_t *start, struct dns_record *record);
