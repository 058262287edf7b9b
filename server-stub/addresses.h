// SPDX-License-Identifier: BSD-2-Clause
// The addresses of one network's pool, and whose they are (RFC 2131 sections 4.3.1 and 4.3.2).
// Pure: no I/O, and `now` is an argument (ms of the loop's clock).
//
// Rules it keeps:
//  1. A client has one address at most. It keeps it while the lease runs, and gets it again after
//     that as long as nobody else had to take it.
//  2. A client that is not known gets the address it asks for, where that is free; else one chosen
//     by a hash of its identity. So a server that has forgotten everything chooses as before.
//  3. What has never been used is given first, then what has expired, the oldest first; then what
//     was offered and not asked for. An offer holds for a minute.
//  4. What a machine refused, or somebody else uses, rests.
//
// Leases are in memory. What makes them outlive the server belongs here: an entry begins to matter
// in addresses_lease and ends to in addresses_release, and can be put back by the former.
#pragma once

#include "netstack/base/ipaddr.h"

enum {
	ADDRESSES_KEY = 68,
	ADDRESSES_MOST = 16384,          // a pool's size
	ADDRESSES_OFFER = 60 * 1000,     // ms that an offer holds
	ADDRESSES_HURRY = 10 * 1000,     // ms that it holds when there is nothing else left
	ADDRESSES_REST = 10 * 60 * 1000, // ms
};

#define ADDRESSES_FOREVER UINT64_MAX

enum address_state {
	ADDRESS_FREE,
	ADDRESS_OFFERED,
	ADDRESS_LEASED,   // expired, where `until` has passed
	ADDRESS_RESTING,
	ADDRESS_EXCLUDED, // never given
};

// Who a client is: its identifier (option 61), else its hardware address.
struct address_key {
	uint8_t length; // 0: nobody
	uint8_t bytes[ADDRESSES_KEY];
};

struct address {
	struct address_key client; // whose it is, or was the last
	uint8_t state;             // enum address_state
	bool told;                 // its owner's: something has been said about this client
	uint64_t until;            // end of the offer, the lease or the rest
	uint64_t checked;          // until when it need not be looked for on the wire, 0: look
};

struct addresses {
	uint32_t first, count;  // the pool, in host order
	struct address *list;   // [count]
	uint64_t *hashes;       // [count], of list[i].client: what a search looks at
};

// An identifier that only repeats the hardware address is the same client as without one; one that
// is longer than the key holds is as none.
struct address_key address_key_of(const uint8_t *id, size_t id_length, const uint8_t *hwaddr,
	size_t hwaddr_length);

// The pool `first` to `last`, cut at ADDRESSES_MOST. False where memory is missing.
bool addresses_start(struct addresses *a, const struct ipaddr *first, const struct ipaddr *last);
void addresses_end(struct addresses *a);
// Never to be given: the server's own, the router's.
void addresses_exclude(struct addresses *a, const struct ipaddr *address);
bool addresses_contain(const struct addresses *a, const struct ipaddr *address);
struct ipaddr addresses_name(const struct addresses *a, const struct address *entry);

// What the client has: leased, expired and not taken since, or offered. NULL: nothing.
struct address *addresses_of(struct addresses *a, const struct address_key *client);
// Whether its lease runs.
bool address_is_held(const struct address *entry, uint64_t now);
// The one to offer to the client, kept for it from now on; `wanted` may be unset. NULL: none is
// left.
struct address *addresses_offer(struct addresses *a, const struct address_key *client,
	const struct ipaddr *wanted, uint64_t now);
// The address `wanted` if the client may have it: its own, or one that nobody else has. Nothing
// changes. NULL: it may not.
struct address *addresses_request(struct addresses *a, const struct address_key *client,
	const struct ipaddr *wanted, uint64_t now);
// The client has it until then; an address that it had before is free.
void addresses_lease(struct addresses *a, struct address *entry, const struct address_key *client,
	uint64_t until);
// The client has given up `address`, if that is its own.
bool addresses_release(struct addresses *a, const struct address_key *client,
	const struct ipaddr *address, uint64_t now);
// Somebody who did not get it here uses it.
void addresses_rest(struct addresses *a, struct address *entry, uint64_t now);

// The upper half of the network of `own`/`prefix` without the network's own address and the
// broadcast address; what is before it, where there is nothing else but `own` itself. False for a
// network that has no room for others.
bool addresses_default_pool(const struct ipaddr *own, unsigned prefix, struct ipaddr *first,
	struct ipaddr *last);
