// SPDX-License-Identifier: BSD-2-Clause
// Who has a port of this machine: /proc says it to user 0.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct port_owner {
	pid_t pid;     // 0: a process that cannot be seen from here
	char name[32]; // its program's name
};

// Whether the port is taken for listening (TCP) or receiving (UDP), and by whom.
bool port_owner(bool tcp, uint16_t port, struct port_owner *owner);
// "dnsmasq (process 712)"
const char *port_owner_text(const struct port_owner *owner, char *to, size_t size);
