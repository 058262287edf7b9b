// SPDX-License-Identifier: BSD-2-Clause
// DHCP client machine (RFC 2131, 2132, 3396, 4578, 5071) as the boot program and init use it.
//
// It writes and reads DHCP messages only; its owner carries them over UDP 68 -> 67, and gives a
// broadcast the interface that it is meant for. Three ways to start: DISCOVER; RENEWING by unicast
// with an address that the boot ROM leased (falls back to INIT-REBOOT after 2 s, then to DISCOVER);
// INIT-REBOOT. It never gives up by itself: the owner watches the time and asks dhcp_client_describe
// for the words to show.
//
// Servers are known by their server identifier (option 54), never by the sender's address or the
// relay's: messages without one are ignored, a NAK counts only from the server chosen or recorded.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/fault.h"
#include "netstack/base/random.h"
#include "netstack/lease.h"
#include "netstack/base/machine.h"

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	DHCP_PACKET = 1472, // largest message kept
};

enum dhcp_client_state {
	DHCP_SELECTING,
	DHCP_REQUESTING,
	DHCP_REBOOTING,
	DHCP_RENEWING,
	DHCP_REBINDING,
	DHCP_BOUND,
};

// All pointers must stay valid while the machine runs.
struct dhcp_client_config {
	struct random *random;
	uint8_t hwaddr[16], hwaddr_length, hwtype;
	enum dhcp_client_state start;     // DHCP_SELECTING, DHCP_REBOOTING or DHCP_RENEWING
	struct ipaddr address, server;    // for REBOOTING and RENEWING: the lease to confirm, its server
	                                  // (unset: a NAK counts from any)
	const uint8_t *client_id;         // option 61 contents, NULL: not sent
	uint8_t client_id_length;
	const char *vendor_class;         // option 60 text, NULL: not sent
	const char *user_class;           // option 77 text, NULL: not sent
	const char *hostname;             // option 12, NULL: not sent
	const uint8_t *uuid;              // option 97: 16 bytes, NULL: not sent
	int arch;                         // option 93 (RFC 4578), -1: not sent
	bool broadcast;                   // set the BROADCAST flag
	uint32_t proxy_wait;              // ms to wait for a proxyDHCP offer after the first offer, 0: none
	uint32_t first_timeout;           // ms before the first repetition, 0: 500
};

struct dhcp_packet {
	size_t length; // 0: none
	uint8_t bytes[DHCP_PACKET];
};

struct dhcp_client {
	struct dhcp_client_config cfg;
	enum dhcp_client_state state;
	enum machine_status status;
	struct fault fault;               // the last refusal (NAK), informative while running
	struct lease lease;               // valid when done, and while it is renewed; what `proxy` knows
	                                  // about booting is already in it
	struct dhcp_packet discover, offer, ack, proxy; // as sent and received, for the record
	uint32_t xid;
	uint64_t started;                 // ms
	uint64_t entered, next, leave;    // ms: this state, its next message, its end
	uint64_t timeout;                 // ms until the repetition after that
	uint64_t bound, rebind, expires;  // ms: start of the lease, T2, its end
	unsigned tries;                   // messages sent in this state
	unsigned restarts;                // how often it was back at DISCOVER since it was bound
	uint16_t secs;
	struct ipaddr address;            // offered, or to be confirmed
	struct ipaddr server;             // option 54 of the chosen offer, or the recorded server
	bool held;                        // there is a lease that has not ended
	bool bootable;                    // the offer kept names a boot file
	bool unicast_failed;              // RENEWING got no answer
};

void dhcp_client_start(struct dhcp_client *c, const struct dhcp_client_config *cfg, uint64_t now);
// A UDP payload that arrived on port 68. Foreign, malformed and late messages are ignored.
void dhcp_client_input(struct dhcp_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// Writes the next message if one is due; *to is its destination (broadcast, or the server).
bool dhcp_client_output(struct dhcp_client *c, struct writer *packet, struct endpoint *to,
	uint64_t now);
uint64_t dhcp_client_deadline(const struct dhcp_client *c);
enum machine_status dhcp_client_status(const struct dhcp_client *c);
// What it waits for, for people: "an answer to DHCPDISCOVER (try 3)".
void dhcp_client_describe(const struct dhcp_client *c, struct text *to, uint64_t now);
// After DONE: enters RENEWING now (by unicast), then REBINDING at T2, then SELECTING at expiry.
// Status is running until the server has answered.
void dhcp_client_renew(struct dhcp_client *c, uint64_t now);
// When T1 is over (ms) and the owner should call it; DEADLINE_NEVER while there is no lease or for an
// infinite one.
uint64_t dhcp_client_renewal(const struct dhcp_client *c);
