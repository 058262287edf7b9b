// SPDX-License-Identifier: BSD-2-Clause
// Words of the kernel command line about links and routes, beside ip= (dracut.cmdline(7)):
//   vlan=<name>[:<device>]     nameserver=<address>
//   ifname=<name>:<mac>        rd.route=<network>[/<prefix or mask>]:[<gateway>][:<device>]
// IPv6 addresses stand in brackets in a route.
// The functions take the value only. False with *fault set (FAULT_LINK_PARAMETER, naming the word,
// the field, what was found, and the right form).
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stdint.h>

enum { LINKPARAM_NAME = 16 }; // the kernel's IFNAMSIZ: 15 characters and a NUL

// The number is the end of the name: vlan5, vlan0005, eth0.5, eth0.0005, or 5 alone (then vlan5).
// Without a device it is what stands before the dot of the name, if there is one.
struct linkparam_vlan {
	char name[LINKPARAM_NAME];   // of the interface to make
	char device[LINKPARAM_NAME]; // the one below it; "": the card that booted, else the only one
	uint16_t id;                 // 1 to 4094
};

struct linkparam_ifname {
	char name[LINKPARAM_NAME];
	uint8_t hwaddr[6];
};

struct linkparam_route {
	struct ipaddr destination; // its host bits are zero
	uint8_t prefix;
	struct ipaddr gateway;       // unset: the destination is on link
	char device[LINKPARAM_NAME]; // "": the one that carries the root
};

bool linkparam_vlan(struct linkparam_vlan *v, const char *value, size_t length, struct fault *fault);
bool linkparam_ifname(struct linkparam_ifname *i, const char *value, size_t length,
	struct fault *fault);
bool linkparam_route(struct linkparam_route *r, const char *value, size_t length,
	struct fault *fault);
bool linkparam_nameserver(struct ipaddr *a, const char *value, size_t length, struct fault *fault);
// Whether the characters may be an interface's name (dev_valid_name() of the kernel, less what
// nobody types).
bool linkparam_is_name(const char *text, size_t length);
