// SPDX-License-Identifier: BSD-2-Clause
// The net child: DHCP, TFTP, HTTP and syslog in one loop, as an unprivileged user. It gets its sockets when
// it is made, and its files by messages (message.h), those that are waiting when it begins before
// it answers anybody.
#pragma once

#include "server-stub/dhcpd.h"
#include "server-stub/options.h"
#include "server-stub/programs.h"
#include "server-stub/sandbox.h"

struct net_config {
	const struct options *options;
	struct interfaces *interfaces; // the child's own copy, which it keeps up to date
	struct dhcpd_sockets dhcp;     // all -1: no DHCP
	int tftp, http, syslog;        // -1: off
	int messages;
	int tapes;                     // a directory for them, -1: none are taken
	const char *boot[PROGRAM_KINDS]; // names of boot programs, NULL: there is none
	struct sandbox_user user;
	pid_t parent;
};

_Noreturn void net_run(const struct net_config *config);
