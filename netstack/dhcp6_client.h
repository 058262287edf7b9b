// SPDX-License-Identifier: BSD-2-Clause
// DHCPv6 client machine (RFC 8415 section 18.2) as init and its lease keeper use it: one address by
// SOLICIT, ADVERTISE, REQUEST, REPLY (or SOLICIT, REPLY where the server commits rapidly), or only the
// other configuration by INFORMATION-REQUEST.
//
// It writes and reads DHCPv6 messages only; its owner carries them from the card's link-local address to
// all servers of the link (ff02::1:2). The owner has waited for that address, for a random time (RFC 4862
// section 5.4.2), so that the first message goes out at once. It never gives up by itself; before there is a
// lease it asks at least every 16 s, unless a server wants longer pauses (SOL_MAX_RT). Servers
// are known by their DUID. Reconfiguration by the server is not accepted, nothing is released.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/machine.h"
#include "netstack/base/random.h"
#include "netstack/lease.h"
#include "netstack/wire/dhcp6.h"

enum { DHCP6_PACKET = 1232 }; // largest message sent: 1280 bytes less the headers

enum dhcp6_client_state {
	DHCP6_SOLICITING,
	DHCP6_REQUESTING,
	DHCP6_CONFIRMING, // the lease, after the link has changed
	DHCP6_RENEWING,
	DHCP6_REBINDING,
	DHCP6_DECLINING,  // an address that somebody else has
	DHCP6_INFORMING,
	DHCP6_BOUND,
};

// Pointers must stay valid while the machine runs.
struct dhcp6_client_config {
	struct random *random;
	struct dhcp6_duid duid;  // this machine
	uint32_t iaid;           // this card
	bool inform;             // no address, only the other configuration
	const char *hostname;    // option 39, NULL: not sent
};

struct dhcp6_client {
	struct dhcp6_client_config cfg;
	enum dhcp6_client_state state;
	enum machine_status status;
	struct fault fault;              // the last refusal, informative while running
	struct lease lease;              // valid when done, and while it is renewed; `address` is unset
	                                 // with cfg.inform; `root_path` from an nfs:// URL of option 59
	struct dhcp6_duid server;        // the one chosen, or that gave the lease
	struct ipaddr address;           // offered or held
	int preference;                  // of the offer kept, -1: none
	uint32_t xid;
	uint32_t sol_max_rt;             // ms, a server's wish; 0: none
	uint64_t started;                // ms
	uint64_t entered, next, leave;   // ms: this state, its next message, its end
	uint32_t timeout;                // ms: the pause before `next`
	uint64_t bound, rebind, expires; // ms: start of the lease, T2, its end
	unsigned tries;                  // messages sent in this state
	unsigned restarts;               // how often it was back at SOLICIT since it was bound
	bool held;                       // there is a lease that has not ended
};

void dhcp6_client_start(struct dhcp6_client *c, const struct dhcp6_client_config *cfg, uint64_t now);
// A UDP payload that arrived on port 546. Foreign, malformed and late messages are ignored; `from` is
// for people.
void dhcp6_client_input(struct dhcp6_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// Writes the next message, to all servers, if one is due.
bool dhcp6_client_output(struct dhcp6_client *c, struct writer *packet, struct endpoint *to, uint64_t now);
uint64_t dhcp6_client_deadline(const struct dhcp6_client *c);
enum machine_status dhcp6_client_status(const struct dhcp6_client *c);
// What it waits for, for people: "a DHCPv6 server".
const char *dhcp6_client_awaits(const struct dhcp6_client *c);
// After DONE: RENEW, then REBIND at T2, then SOLICIT at the lease's end; running until a server has
// answered.
void dhcp6_client_renew(struct dhcp6_client *c, uint64_t now);
// After DONE: asks whether the address still fits the link. Done again with the same lease if it does, or
// if nobody answers.
void dhcp6_client_confirm(struct dhcp6_client *c, uint64_t now);
// The address is in use by another machine: tells the server, and begins anew.
void dhcp6_client_decline(struct dhcp6_client *c, uint64_t now);
// When T1 is over (ms) and the owner should call dhcp6_client_renew; DEADLINE_NEVER while there is no
// lease or for one without end.
uint64_t dhcp6_client_renewal(const struct dhcp6_client *c);
