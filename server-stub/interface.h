// SPDX-License-Identifier: BSD-2-Clause
// The network interfaces on which lanyardd serves: those that are up and have an IPv4 address.
#pragma once

#include "netstack/base/ipaddr.h"

#include <net/if.h>

enum { INTERFACES = 32 };

struct interface {
	char name[IFNAMSIZ];
	int index; // the kernel's
	uint8_t hwaddr[6];
	bool ethernet; // has a hardware address, so that ARP works there
	struct ipaddr address;
	uint8_t prefix;
	uint16_t mtu;
};

struct interfaces {
	struct interface list[INTERFACES];
	size_t count;
};

// Those named in `wanted` (NULL: all but loopback ones), each with its first address. False and
// errno where the kernel refuses to tell.
bool interfaces_read(struct interfaces *i, const char *const *wanted, size_t wanted_count);
// Whether addresses and networks are the same; hardware address and MTU may differ, as those of a
// bridge do when it gets another port.
bool interfaces_same(const struct interfaces *a, const struct interfaces *b);
// Takes hardware addresses and MTUs over from `now`.
void interfaces_update(struct interfaces *i, const struct interfaces *now);
// The one with that index, NULL: none.
const struct interface *interfaces_by_index(const struct interfaces *i, int index);
