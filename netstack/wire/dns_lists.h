// SPDX-License-Identifier: BSD-2-Clause
// Lists of DNS servers and of domains to search, as DHCPv6 (RFC 3646) and router announcements (RFC 8106)
// carry them. Domain names are in the form of RFC 1035 section 3.1 and never compressed.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	DNS_LIST_NAME = 256,  // one name, with its NUL
	DNS_LIST_NAMES = 256, // a list of them
};

// Adds a server behind those known, of which there are `most` at most, unset at the end; not twice.
void dns_list_add(struct ipaddr *servers, size_t most, const struct ipaddr *a);
// Adds the IPv6 addresses in `data` in that way.
// Addresses that are no host's are passed over, and those of the link (fe80::/10) unless `link` is set.
void dns_list_servers(struct ipaddr *servers, size_t most, bool link, struct reader *data);
// One name; it may end with the data instead of with the root (a partial name of RFC 4704). False if it is
// malformed: a label that is cut off or too long, a character that is no letter, digit, '-' or '_'.
bool dns_list_name(struct reader *data, struct text *to);
// The names in `data` with blanks between them. Ends at the first that is malformed or does not fit.
void dns_list_search(struct text *to, struct reader *data);
