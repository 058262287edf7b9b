// SPDX-License-Identifier: BSD-2-Clause
// The lines of milestone.h by syslog (RFC 5424 over UDP) to who watches many machines: what
// lanyard.log= names (an address, or "off"), else the lease's log server (option 7), else the boot
// server. From the moment that there is an address; nobody waits, and after an ICMP error nothing more
// is sent.
#pragma once

#include "netstack/lease.h"
#include "netstack/wire/syslog.h"

// A card has been configured. `word`: lanyard.log=, NULL if absent. What was open before is closed.
void logserver_open(const char *word, const struct lease *lease, const uint8_t hwaddr[6]);
void logserver_close(void);
// One message, `ms` after the start; nothing while no server is open.
void logserver_tell(enum syslog_severity severity, uint64_t ms, const char *text);
