// SPDX-License-Identifier: BSD-2-Clause
// The port mapper, version 2 (RFC 1833 section 3): which port a program listens on.
#pragma once

#include "netstack/wire/xdr.h"

enum { PORTMAP_PROGRAM = 100000, PORTMAP_VERSION = 2, PORTMAP_PORT = 111 };
enum portmap_procedure { PORTMAP_NULL, PORTMAP_SET, PORTMAP_UNSET, PORTMAP_GETPORT, PORTMAP_DUMP };
enum { PORTMAP_TCP = 6, PORTMAP_UDP = 17 };

// The argument of GETPORT (its port is ignored) and an entry of DUMP's list.
struct portmap_mapping {
	uint32_t prog, vers, prot, port;
};

void portmap_mapping(struct xdr *x, struct portmap_mapping *mapping);
// The result of GETPORT; 0: no such program.
void portmap_port(struct xdr *x, uint32_t *port);
// One step of DUMP's list: *more says whether an entry follows; call until it does not.
void portmap_entry(struct xdr *x, bool *more, struct portmap_mapping *mapping);
