// SPDX-License-Identifier: BSD-2-Clause
// Names and addresses by DNS. Blocks until there is an answer or none is to be had: for child processes
// only.
#pragma once

#include "netstack/lease.h"
#include "netstack/wire/dns_records.h"

enum { LOOKUP_NAME = DNS_HOST_NAME };

// A host's address, of the lease's own family. `lease` names the servers and the domain for names without
// a dot. False with *fault (FAULT_NAME_...).
bool lookup_host(const char *host, const struct lease *lease, struct ipaddr *address,
	struct fault *fault);
// The name that the lease's address has (its PTR record), asked of all its servers at once for at most
// `patience` ms. False if there is none.
bool lookup_name(const struct lease *lease, uint32_t patience, char name[LOOKUP_NAME]);
