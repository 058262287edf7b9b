// SPDX-License-Identifier: BSD-2-Clause
// Internet addresses with their family, so that every interface in the tree is ready for both.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ip_family {
	IP_NONE = 0, // no address: an all-zero struct ipaddr
	IP_V4 = 4,
	IP_V6 = 6,
};

struct ipaddr {
	uint8_t family;    // enum ip_family
	uint8_t bytes[16]; // network order; IPv4 uses the first four, the rest is zero
};

// A UDP or TCP peer. `interface` is the stack's interface number, or -1 where any will do.
struct endpoint {
	struct ipaddr addr;
	int interface;
	uint16_t port;
};

enum { IPADDR_TEXT = 46 }; // longest text form with its NUL

struct ipaddr ipaddr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
struct ipaddr ipaddr_from_u32(uint32_t host_order);
// The IPv4 address as a number in host order; 0 for any other family.
uint32_t ipaddr_to_u32(const struct ipaddr *a);
bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b);
// No family, or the unspecified address (0.0.0.0, ::).
bool ipaddr_is_unset(const struct ipaddr *a);
bool ipaddr_is_multicast(const struct ipaddr *a);
// The limited broadcast address 255.255.255.255.
bool ipaddr_is_broadcast(const struct ipaddr *a);
// A plausible address for a host: neither unset, 0.x.x.x, loopback, multicast nor class E.
bool ipaddr_is_host(const struct ipaddr *a);
// An IPv6 address that counts on its link only (fe80::/10, RFC 4291 section 2.5.6).
bool ipaddr_is_link_local(const struct ipaddr *a);
bool ipaddr_same_net(const struct ipaddr *a, const struct ipaddr *b, unsigned prefix);
// Dotted netmask to prefix length (0..32); -1 if the ones are not contiguous or the family is not 4.
int ipaddr_mask_to_prefix(const struct ipaddr *mask);
struct ipaddr ipaddr_prefix_to_mask(unsigned prefix);
// The prefix length of the address's class (RFC 791: 8, 16, 24).
unsigned ipaddr_classful_prefix(const struct ipaddr *a);
// Strict dotted quad, exactly `length` characters; no octal, no short forms. False leaves *a as it was.
bool ipaddr_parse(struct ipaddr *a, const char *text, size_t length);
// The text form of an IPv6 address (RFC 4291 section 2.2, without dotted quads and without a zone), exactly
// `length` characters, with or without brackets. False leaves *a as it was.
bool ipaddr_parse_v6(struct ipaddr *a, const char *text, size_t length);
// Writes the text form into `to` (IPADDR_TEXT bytes) and returns it; "none" for no family.
const char *ipaddr_format(const struct ipaddr *a, char *to);
