// SPDX-License-Identifier: BSD-2-Clause
// The names under which a configuration is looked for, in pxelinux's order: option 209, the UUID,
// the hardware address, the IP address in hexadecimal with ever fewer digits, "default".
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

enum {
	SEARCH_OPTION,   // option 209
	SEARCH_UUID,     // bytes in the order of SMBIOS, as pxelinux has it
	SEARCH_UUID_RFC, // in the order that people see elsewhere
	SEARCH_HWADDR,
	SEARCH_IP,       // this and the next seven
	SEARCH_DEFAULT = SEARCH_IP + 8,
	SEARCH_NAMES,
};

struct search_facts {
	const char *option;  // "" or NULL: absent
	const uint8_t *uuid; // 16 raw bytes, NULL: not known
	const uint8_t *hwaddr;
	uint8_t hwaddr_length, hwtype;
	struct ipaddr address;
};

// The name to ask for, relative to the prefix. False if this machine has none of that kind.
bool search_name(unsigned which, const struct search_facts *f, struct text *name);
