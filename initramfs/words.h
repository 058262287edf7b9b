// SPDX-License-Identifier: BSD-2-Clause
// The command line's words about links, routes and name servers (netstack/wire/linkparam.h has their
// forms), and those that init knows of but does not do. Does no I/O.
#pragma once

#include "initramfs/cmdline.h"
#include "netstack/lease.h"
#include "netstack/wire/linkparam.h"

enum { WORDS_VLANS = 4, WORDS_NAMES = 16, WORDS_ROUTES = 16, WORDS_SECONDS = 86400 };

struct words {
	struct linkparam_vlan vlans[WORDS_VLANS];
	size_t vlan_count;
	struct linkparam_ifname names[WORDS_NAMES];
	size_t name_count;
	struct linkparam_route routes[WORDS_ROUTES];
	size_t route_count;
	struct ipaddr nameservers[LEASE_SERVERS]; // unset behind the last one
	char bootdev[LINKPARAM_NAME];             // ""
	char joined[LINKPARAM_NAME];              // what bond=, team= or bridge= would have made, ""
	uint32_t carrier; // seconds until a missing link is a failure (carrier_timeout=); 0: not given
};

// Called with what is wrong in a word, which is then left out.
typedef void words_fault(const struct fault *fault);

void words_read(struct words *w, const struct cmdline *c, words_fault *complain);
// Puts nameserver= in front of the lease's own.
void words_add_nameservers(const struct words *w, struct lease *lease);
