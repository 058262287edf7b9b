// SPDX-License-Identifier: BSD-2-Clause
// From network cards to one configured card: which cards to use (ip=, BOOTIF=, the record), link up,
// then a static address, the recorded lease (used at once, confirmed meanwhile) or DHCP on all cards
// with a link at once; where ip= says so, a way to an IPv6 address instead. The first complete
// configuration wins; the other cards are put down again.
#pragma once

#include "initramfs/cmdline.h"
#include "initramfs/net/dhcp.h"
#include "initramfs/net/dhcp6.h"
#include "initramfs/net/netlink.h"
#include "initramfs/record.h"
#include "initramfs/words.h"
#include "netstack/wire/ipparam.h"
#include "netstack/wire/ndisc.h"

#include <poll.h>

enum {
	NETWORK_NICS = 16,
	NETWORK_CONFIRM = 4000,  // ms that the switch to the root waits for a recorded lease's confirmation
	NETWORK_POLLS = 2 + NETWORK_NICS,
};

enum nic_state {
	NIC_IDLE,   // as the kernel made it
	NIC_NEGOTIATING, // down, while its transceiver negotiates a link
	NIC_RAISED, // up, waiting for its link
	NIC_ASKING, // DHCP
	NIC_LISTENING, // IPv6: for a router's announcement, or for what becomes of an address
	NIC_SOLICITING, // DHCPv6
	NIC_READY,  // configured: the root's card
	NIC_FAILED, // it would not start, or could not be configured
};

// On the way to an IPv6 address.
struct way6 {
	bool linked;             // the card has the address of its link
	struct ipaddr announced; // what the kernel has made of an announcement
	uint8_t prefix;
	uint64_t placed;         // ms: when the kernel was given an address of DHCPv6 or ip=, 0: not yet
};

struct nic {
	struct netlink_link link;
	enum nic_state state;
	uint64_t since;    // ms: when it came into this state
	bool late;         // its driver notices a link at once only when it is started
	struct dhcp dhcp;
	struct dhcp6 dhcp6;
	struct way6 way6;
	struct ndisc_dns announced; // what routers say of DNS, so far
};

// The last four are IPv6's.
enum network_source {
	NETWORK_STATIC,
	NETWORK_RECORD,
	NETWORK_DHCP,
	NETWORK_ROUTER,
	NETWORK_DHCP6,
	NETWORK_LINK,
	NETWORK_STATIC6,
};

struct network {
	struct netlink netlink;
	const struct cmdline *cmdline;
	const struct record *record;
	struct random random;
	struct ipparam parameters[CMDLINE_IPS];
	size_t parameter_count;
	struct words words;
	unsigned vlans_made, vlans_failed; // bits: words.vlans
	bool has_bootif;       // from bootdev=, BOOTIF=, else from the record
	char bootdev[16];      // its name, "": known by its address
	uint8_t bootif[6];
	struct nic nics[NETWORK_NICS];
	size_t nic_count;
	struct nic *root;      // the configured card, NULL until there is one
	enum network_source source;
	struct lease lease;    // its configuration
	bool confirmed;        // nothing recorded is unconfirmed
	uint64_t looked;       // ms: when the links were last asked for
	int groups;            // solicited_join
	unsigned generation;   // counts configurations: what rests on an older one starts over
	uint64_t started, configured; // ms
	bool all_tried;        // cards other than the one that booted were let in
	bool drivers_pending;
};

// Opens netlink and reads the parameters; errors in them are shown and DHCP takes their place.
// False with *fault if the kernel gives no netlink.
bool network_start(struct network *n, const struct cmdline *cmdline, const struct record *record,
	uint64_t now, struct fault *fault);
// Moves everything on that can move. `drivers_pending`: more cards may appear any moment.
void network_step(struct network *n, bool drivers_pending, uint64_t now);
// What to poll for reading; gives the number.
size_t network_polls(const struct network *n, struct pollfd polls[NETWORK_POLLS]);
uint64_t network_deadline(const struct network *n, uint64_t now);
// Whether the switch to the root may happen as far as the network is concerned.
bool network_settled(const struct network *n, uint64_t now);
// What it waits for, for people.
void network_awaits(const struct network *n, struct text *to, uint64_t now);
// Whether it is a link that it waits for.
bool network_awaits_link(const struct network *n);
// The failure that the waiting amounts to so far.
void network_fault(const struct network *n, struct fault *fault, uint64_t now);
// A newer lease of the root's card takes the place of n->lease: addresses, routes, MTU.
void network_take(struct network *n, struct nic *nic, const struct lease *lease);
// Closes all sockets and puts the cards down that are not the root's.
void network_end(struct network *n);
