// SPDX-License-Identifier: BSD-2-Clause
// Every socket on which lanyardd serves, opened by the supervisor and kept there, so that nothing
// is lost while a child is started again.
#pragma once

#include "server-stub/dhcpd.h"
#include "server-stub/options.h"

struct listen {
	struct dhcpd_sockets dhcp; // -1: DHCP is off
	int tftp, http;            // -1: off
	int syslog;                // -1: off, or another server has its port
	int nfs, portmap_tcp, portmap_udp;
};

// False with SERVER_PORT, which says who has it, or SERVER_SOCKET. The HTTP port, unless it was
// asked for, syslog's and the port mapper's may be taken: then it is said, and that service is off.
bool listen_open(
	struct listen *l, const struct options *o, const struct interfaces *i, struct fault *f);
// Opens those anew that depend on the interfaces. False as above.
bool listen_reopen_dhcp(
	struct listen *l, const struct options *o, const struct interfaces *i, struct fault *f);
void listen_close(struct listen *l);
