// SPDX-License-Identifier: BSD-2-Clause
// The kernel command line's ip= parameter (Linux Documentation/admin-guide/nfs/nfsroot.rst):
//   <client>:<server>:<gateway>:<netmask>:<hostname>:<device>:<autoconf>:<dns0>:<dns1>:<ntp0>
// or one bare autoconf word, or <device>:<autoconf>[:<mtu>[:<mac>]]; <mtu>[:<mac>] may also stand
// in the place of <dns0>. Fields at the end may be missing (pxelinux emits the first four). IPv6
// addresses stand in brackets, and the netmask is their prefix length then. The boot program emits it,
// init parses it.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum ipparam_autoconf {
	IPPARAM_STATIC, // off, none, static, or an address without autoconf word
	IPPARAM_DHCP,   // on, any, dhcp, both, all, single-dhcp, or neither word nor address
	IPPARAM_BOOTP,  // bootp, rarp: answered by DHCP all the same
	// IPv6 from here on:
	IPPARAM_ROUTER, // auto6: IPv6, as a router announces it (RFC 4862)
	IPPARAM_DHCP6,  // dhcp6: an address by DHCPv6
	IPPARAM_EITHER6, // either6: as the router's announcement says; DHCPv6 where there is none
	IPPARAM_LINK6,  // link6: only the address that IPv6 has on every link
};

struct ipparam {
	// Unset where empty, 0.0.0.0 or 255.255.255.255. With IPPARAM_DHCP `client` is the address
	// to ask for; a static one without client means: leave the network alone.
	struct ipaddr client, server, gateway, dns[2], ntp;
	uint8_t prefix;        // of the netmask if has_mask, else the class of `client`, 64 for IPv6
	bool has_mask;
	enum ipparam_autoconf autoconf;
	char hostname[64];     // without the part after the first dot
	char domain[128];      // that part
	char device[16];       // "" = any
	uint16_t mtu;          // 0: not given
	uint8_t hwaddr[6];     // valid if has_hwaddr
	bool has_hwaddr;
	uint8_t client_id[64]; // option 61 of 'dhcp,<type>,<text>': the type byte, then the text
	uint8_t client_id_length; // 0: not given
	char notice[128];      // something assumed that the person should know; "" = nothing
};

// Reads the value of ip= (without "ip="), `length` characters. False with *fault set
// (FAULT_IP_PARAMETER, naming the field, what was found, and the right form). Nothing is guessed:
// no short addresses, no masks with holes, no unknown words.
bool ipparam_parse(struct ipparam *p, const char *value, size_t length, struct fault *fault);
// The next field of `rest`, up to a colon that is not within brackets.
struct text_view ipparam_field(struct text_view *rest);
// Writes the shortest form that parses back to the same value, without "ip=".
void ipparam_format(const struct ipparam *p, struct text *to);
// BOOTIF=01-52-54-00-12-34-56 (value only): any case, dashes or colons, with or without the
// hardware type byte. False if it is no hardware address.
bool bootif_parse(uint8_t hwaddr[6], const char *value, size_t length);
