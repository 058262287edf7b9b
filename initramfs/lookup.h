// SPDX-License-Identifier: BSD-2-Clause
// A host's address by DNS: the client machine of netstack on a UDP socket. Blocks until there is an
// answer or none is to be had: for child processes only.
#pragma once

#include "netstack/lease.h"

// `lease` names the servers and the domain for names without a dot. False with *fault
// (FAULT_NAME_LOOKUP).
bool lookup_host(const char *host, const struct lease *lease, struct ipaddr *address,
	struct fault *fault);
