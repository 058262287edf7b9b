// SPDX-License-Identifier: BSD-2-Clause
// IPv4 headers (RFC 791) and the Internet checksum (RFC 1071). Fragments are refused.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"

enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_HEADER = 20 };

struct ip {
	uint8_t ttl, protocol;
	uint16_t id;
	bool dont_fragment;
	struct ipaddr source, destination;
};

// Running one's complement sum; begin with 0, finish with ip_checksum_end. Only the last piece may
// have an odd length.
uint32_t ip_checksum_add(uint32_t sum, const void *bytes, size_t length);
uint16_t ip_checksum_end(uint32_t sum);
// Sum of the UDP/TCP pseudo header (RFC 768).
uint32_t ip_pseudo_header(const struct ip *ip, size_t length);
// Reads a header with its options; *payload is the datagram's payload by its total length.
// False for version != 4, IHL < 5 or beyond the data, a wrong total length, a wrong checksum, or a
// fragment.
bool ip_read(struct reader *r, struct ip *ip, struct reader *payload);
// Reads a header that an ICMP error quotes: its length and checksum are not looked at, because the
// datagram is cut and routers have changed it. Leaves the reader at the quoted payload.
bool ip_read_quoted(struct reader *r, struct ip *ip);
// Writes a 20-byte header for `payload_length` bytes to follow, checksum included. The writer fails
// for more than 65515 bytes.
void ip_write(struct writer *w, const struct ip *ip, size_t payload_length);
