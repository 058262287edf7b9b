// SPDX-License-Identifier: BSD-2-Clause
// What a DHCP answer means for a booting machine: addresses checked, texts bounded, defaults filled
// in. The boot program and init read the same packets into this struct.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dhcp_message;

enum {
	LEASE_ROUTERS = 4,
	LEASE_SERVERS = 4,
	LEASE_ROUTES = 24,
	LEASE_TEXT = 256,
	LEASE_FILE = 256,
	LEASE_CLIENT_ID = 64,
	LEASE_FOREVER = 0xffffffff, // lease_time of an infinite lease (RFC 2131 section 3.3)
};

struct lease_route {
	struct ipaddr destination;
	uint8_t prefix;
	struct ipaddr gateway; // unset: on link
};

// Absent values are zero, empty or unset.
struct lease {
	struct ipaddr address;     // yiaddr
	uint8_t prefix;            // option 1, else the class's
	struct ipaddr server_id;   // option 54
	struct ipaddr next_server; // siaddr, else option 66 if numeric, else the server identifier
	char next_host[LEASE_TEXT]; // option 66 where it is a name and there is no siaddr: it has to be
	                           // looked up, and comes before next_server
	struct ipaddr tftp_servers[LEASE_SERVERS]; // option 150: more boot servers
	struct ipaddr relay;       // giaddr: never a gateway
	struct ipaddr broadcast;   // option 28
	struct ipaddr routers[LEASE_ROUTERS];       // option 3; empty where option 121 has a route
	struct lease_route routes[LEASE_ROUTES];    // option 121, else 33; gateways as given
	size_t route_count;
	bool classless;                             // the routes come from option 121
	struct ipaddr dns[LEASE_SERVERS];           // option 6
	struct ipaddr ntp[LEASE_SERVERS];           // option 42
	struct ipaddr log_servers[LEASE_SERVERS];   // option 7
	// Seconds; T1 and T2 by RFC 2131 4.4.5, always T1 < T2 < lease time or all LEASE_FOREVER
	// (also for BOOTP, which knows no lease time). A lease of less than 16 s counts as 16 s,
	// and T1 is at least 8 s.
	uint32_t lease_time, renewal_time, rebinding_time;
	uint16_t mtu;                               // option 26, 0 where absent or absurd (< 576)
	char hostname[LEASE_TEXT];                  // option 12
	char domain[LEASE_TEXT];                    // option 15
	char search[LEASE_TEXT];                    // option 119, names separated by blanks
	char nis_domain[LEASE_TEXT];                // option 40
	char root_path[LEASE_TEXT];                 // option 17
	char boot_file[LEASE_FILE];                 // file field, else option 67
	char server_name[LEASE_TEXT];               // option 66, else the sname field
	char posix_zone[LEASE_TEXT];                // option 100
	char tz_name[LEASE_TEXT];                   // option 101
	char config_file[LEASE_FILE];               // option 209 (RFC 5071), bare or inside 43
	char path_prefix[LEASE_FILE];               // option 210
	uint32_t reboot_time;                       // option 211, seconds; 0: absent
	char replay[LEASE_FILE];                    // option 224, Lanyard's own: where tapes of failed boots go
	uint8_t client_id[LEASE_CLIENT_ID];         // option 61 (from a DISCOVER or an echo)
	uint8_t client_id_length;
	uint32_t zone; // number of the interface whose link such addresses as fe80::1 above are of (RFC 4007)
};

// Reads a BOOTREPLY. False with *fault (FAULT_DHCP_BAD) if it cannot serve as a lease: no usable
// address. Texts from the network are copied as they are, bounded, cut at NUL.
bool lease_read(struct lease *lease, const struct dhcp_message *ack, struct fault *fault);
// Adds what a proxyDHCP or PXE reply knows about booting (file, servers, options 43, 66, 67,
// 209-211): if it names a boot file, that and its server win over the lease's; the pxelinux options
// win where present. Its address fields are not looked at.
void lease_add_proxy(struct lease *lease, const struct dhcp_message *proxy);
// Takes option 61 from the client's own message (a recorded DISCOVER).
void lease_add_discover(struct lease *lease, const struct dhcp_message *discover);
