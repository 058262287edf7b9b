// SPDX-License-Identifier: BSD-2-Clause
// Addresses as the kernel's sockets want them.
#pragma once

#include "netstack/base/ipaddr.h"

#include <sys/socket.h>

// Writes address and port; gives the length. The family is in to->ss_family. An address of the link
// (fe80::/10) is one on the interface with the number `zone`, 0: none is known.
socklen_t peer_write(struct sockaddr_storage *to, uint32_t zone, const struct ipaddr *address, uint16_t port);
// A UDP or TCP socket (SOCK_DGRAM, SOCK_STREAM) that is closed on exec, of the address's family.
// -1 with errno.
int peer_socket(const struct ipaddr *address, int type);
// Connects to it. False with errno.
bool peer_connect(int fd, uint32_t zone, const struct ipaddr *address, uint16_t port);
