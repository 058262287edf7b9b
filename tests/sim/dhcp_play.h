// SPDX-License-Identifier: BSD-2-Clause
// DHCP servers played message by message against one client machine `c`: GIVE(type, changes) is what
// a server sends, expect_...() is what the client must send. The clock `now` is the test's.
#pragma once

#include "netstack/dhcp_client.h"
#include "netstack/wire/dhcp.h"

extern struct random entropy;
extern struct dhcp_client_config config;
extern struct dhcp_client c;
extern uint64_t now;
extern const struct ipaddr server, other, address, elsewhere, everybody, none;

// The client's latest message, and where it went.
extern struct dhcp_message m;
extern struct endpoint to;

// A new configuration. A cmocka set-up function.
int dhcp_play_reset(void **state);
// Starts the client.
void begin(void);
// Up to the REQUEST; up to a lease of so many seconds.
void discover_and_request(void);
void bind_lease(uint32_t lease_time);

// The client's next message, if it has one to send.
bool output(void);
void expect_silence(void);
// One message, no more.
void expect_sent(uint8_t type, const struct ipaddr *destination);
// A REQUEST after an offer.
void expect_request(void);
// An option of the latest message; length -1: it must not be there.
void expect_option(uint8_t code, const void *bytes, int length);
struct ipaddr ip_option(uint8_t code);
void expect_described(const char *words);
// Silent until the deadline; then it is that time. Gives the ms that passed.
uint64_t wait_for_deadline(void);

// What differs from an offer or ACK of `address` by `server`.
struct change {
	uint32_t xid_off;
	bool chaddr_off, request, no_type, proxy;
	const struct ipaddr *yiaddr, *server, *giaddr;
	const char *file;
	uint32_t lease_time, t1, t2;
};

size_t write_reply(uint8_t *to_bytes, uint8_t type, const struct change *x);
// Any bytes, in a copy of exactly their length.
void give_bytes(const void *bytes, size_t length);
void give(uint8_t type, struct change x);
#define GIVE(type, ...) give(type, (struct change){__VA_ARGS__})
