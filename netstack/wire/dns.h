// SPDX-License-Identifier: BSD-2-Clause
// DNS messages (RFC 1035): the question for a host's IPv4 addresses, and its answer. Names are kept in
// wire form, in lower case, so that comparing them is comparing bytes.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_NAME = 255,    // bytes of a name (section 2.3.4)
	DNS_LABEL = 63,    // and of one of its labels
	DNS_ADDRESSES = 4, // kept of an answer
	DNS_MESSAGE = 512, // bytes, by UDP (section 2.3.4)
};

enum dns_rcode { DNS_OK, DNS_FORMAT_ERROR, DNS_SERVER_FAILURE, DNS_NO_SUCH_NAME, DNS_NOT_IMPLEMENTED,
	DNS_REFUSED };

struct dns_name {
	uint8_t length; // of `bytes`, with the root's zero
	uint8_t bytes[DNS_NAME];
};

struct dns_answer {
	uint8_t rcode;
	bool truncated;       // TC: there was more
	struct dns_name name; // what the question's name stands for, after the aliases (CNAME) given here
	bool alias;           // there was at least one
	size_t count;
	struct ipaddr addresses[DNS_ADDRESSES];
};

// "host.example." with or without the last dot. False for an empty label, one of more than 63
// characters, a name that is too long, or a character other than letters, digits, '-' and '_'.
bool dns_name_read(struct dns_name *name, const char *text, size_t length);
// The question for `name`'s A records, recursion desired.
void dns_write_question(struct writer *w, uint16_t id, const struct dns_name *name);
// Reads the answer to that very question; false for any other message and for one that is malformed
// (a name that leads outside or in a circle, a record beyond the end). Aliases are followed within the
// answer, at most 8 of them; no address and an alias: the alias's name has to be asked for.
bool dns_read_answer(struct dns_answer *answer, const void *message, size_t length, uint16_t id,
	const struct dns_name *name);
