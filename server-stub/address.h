// SPDX-License-Identifier: BSD-2-Clause
// The kernel's socket addresses and ours.
#pragma once

#include "netstack/base/ipaddr.h"

#include <sys/socket.h>

// IP_NONE for other families. An IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) is IPv4.
struct endpoint address_from_kernel(const struct sockaddr_storage *from);
// Returns the length.
socklen_t address_to_kernel(const struct endpoint *from, struct sockaddr_storage *to);
