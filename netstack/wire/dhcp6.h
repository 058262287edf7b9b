// SPDX-License-Identifier: BSD-2-Clause
// DHCPv6 messages (RFC 8415), as a client sends and reads them: a type, a transaction id of three bytes,
// options. Reading gives what a booting machine needs, and of the identity associations the one for
// addresses (IA_NA) that has the client's number.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DHCP6_CLIENT_PORT = 546,
	DHCP6_SERVER_PORT = 547,
	DHCP6_DUID = 130,     // bytes of an identifier (RFC 8415 section 11.1)
	DHCP6_ADDRESSES = 4,  // kept of an IA_NA
	DHCP6_SERVERS = 4,    // kept of a list of servers
	DHCP6_NAMES = 256,
	DHCP6_FOREVER = 0xffffffff, // a lifetime without end
};

enum dhcp6_type {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE = 2,
	DHCP6_REQUEST = 3,
	DHCP6_CONFIRM = 4,
	DHCP6_RENEW = 5,
	DHCP6_REBIND = 6,
	DHCP6_REPLY = 7,
	DHCP6_RELEASE = 8,
	DHCP6_DECLINE = 9,
	DHCP6_RECONFIGURE = 10,
	DHCP6_INFORMATION_REQUEST = 11,
};

enum dhcp6_option {
	DHCP6_OPTION_CLIENTID = 1,
	DHCP6_OPTION_SERVERID = 2,
	DHCP6_OPTION_IA_NA = 3,
	DHCP6_OPTION_IAADDR = 5,
	DHCP6_OPTION_ORO = 6,
	DHCP6_OPTION_PREFERENCE = 7,
	DHCP6_OPTION_ELAPSED_TIME = 8,
	DHCP6_OPTION_STATUS_CODE = 13,
	DHCP6_OPTION_RAPID_COMMIT = 14,
	DHCP6_OPTION_DNS_SERVERS = 23,        // RFC 3646
	DHCP6_OPTION_DOMAIN_LIST = 24,
	DHCP6_OPTION_SNTP_SERVERS = 31,       // RFC 4075
	DHCP6_OPTION_CLIENT_FQDN = 39,        // RFC 4704
	DHCP6_OPTION_NEW_POSIX_TIMEZONE = 41, // RFC 4833
	DHCP6_OPTION_NEW_TZDB_TIMEZONE = 42,
	DHCP6_OPTION_NTP_SERVER = 56,         // RFC 5908
	DHCP6_OPTION_BOOTFILE_URL = 59,       // RFC 5970
	DHCP6_OPTION_SOL_MAX_RT = 82,
	DHCP6_OPTION_INF_MAX_RT = 83,
};

enum dhcp6_code {
	DHCP6_SUCCESS,
	DHCP6_UNSPEC_FAIL,
	DHCP6_NO_ADDRS_AVAIL,
	DHCP6_NO_BINDING,
	DHCP6_NOT_ON_LINK,
	DHCP6_USE_MULTICAST,
};

// A DUID; length 0: none.
struct dhcp6_duid {
	uint8_t length;
	uint8_t bytes[DHCP6_DUID];
};

struct dhcp6_status {
	uint16_t code;          // DHCP6_SUCCESS where the message has none
	struct text_view words; // the server's own, in the packet
};

struct dhcp6_address {
	struct ipaddr address;
	uint32_t preferred, valid; // seconds, preferred <= valid
};

// Views lie in the packet.
struct dhcp6_message {
	uint8_t type;
	uint32_t xid;
	struct dhcp6_duid client, server;
	uint8_t preference;
	bool rapid_commit;
	struct dhcp6_status status;
	bool has_ia;               // the IA_NA asked for, with T1 <= T2 where neither is 0
	uint32_t t1, t2;           // seconds; 0: the client's choice
	struct dhcp6_status ia_status;
	size_t count;
	struct dhcp6_address addresses[DHCP6_ADDRESSES]; // of hosts, beyond the link; valid 0: taken back
	struct ipaddr dns[DHCP6_SERVERS], ntp[DHCP6_SERVERS]; // unset at the end; ntp: beyond the link
	char search[DHCP6_NAMES];  // names separated by blanks
	char fqdn[DHCP6_NAMES];
	struct text_view posix_zone, tz_name, boot_file_url;
	uint32_t sol_max_rt;       // seconds, 60 to 86400; 0: not given
};

// Reads a message. False if it is malformed: an option that ends beyond the packet or the option that
// it is in, or an identifier that is empty or too long. What an option of another kind has wrong makes
// that option absent.
bool dhcp6_read(struct dhcp6_message *m, const void *packet, size_t length, uint32_t iaid);

void dhcp6_write_header(struct writer *w, enum dhcp6_type type, uint32_t xid);
void dhcp6_write_option(struct writer *w, enum dhcp6_option code, const void *bytes, size_t length);
// The IA_NA `iaid`; with an address where one is asked for or held, else NULL.
void dhcp6_write_ia(struct writer *w, uint32_t iaid, const struct ipaddr *address);
// Option 39 with the first label of a name; the server is to see to its AAAA record.
void dhcp6_write_fqdn(struct writer *w, const char *host);

// DUID-UUID (RFC 6355), of 16 bytes, or DUID-LL, of an Ethernet address.
struct dhcp6_duid dhcp6_duid_uuid(const uint8_t uuid[16]);
struct dhcp6_duid dhcp6_duid_ll(const uint8_t hwaddr[6]);
bool dhcp6_duid_equal(const struct dhcp6_duid *a, const struct dhcp6_duid *b);
// A status for people: the server's words, else the code's meaning.
void dhcp6_status_text(const struct dhcp6_status *status, struct text *to);
