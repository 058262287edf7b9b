// SPDX-License-Identifier: BSD-2-Clause
// DHCP and proxyDHCP server machine (RFC 2131, PXE specification): one answer at most to each message.
//
// It holds no leases and no pool: its owner says through callbacks which address a client gets, and
// remembers what was granted. The owner carries the messages over UDP 67; a proxy's over 4011, too.
//
// Rules it keeps: the server identifier is cfg.address; requests that name another server are left
// alone; a NAK only for a client whose address is known to be wrong, silence where nothing is known
// of it (RFC 2131 section 4.3.2); answers go to the relay, else to ciaddr, else to everybody; the
// relay agent's option 82 and the client's options 61 and 97 are sent back. An address that the
// answer lacks (find) is offered to nobody.
//
// A proxy (PXE specification, section 2.2.3) offers no address but a boot file, and asks for no
// answer: a BIOS starts what the offer names when the offer says that there is nothing to discover.
// UEFI asks once more, on port 4011, which it does if nothing is said of discovery; its HTTP Boot
// takes the offer.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"

enum {
	DHCP_SERVER_ECHO = 64,     // longest option 61 and 82 sent back
	DHCP_SERVER_NAME = 64,
};

// Who asks, as far as the message tells.
struct dhcp_server_client {
	uint8_t type;             // the message's (enum dhcp_message_type)
	const uint8_t *hwaddr;
	uint8_t hwaddr_length;
	const uint8_t *id;        // option 61, NULL: none
	size_t id_length;
	const uint8_t *uuid;      // option 97 without its type byte, 16 bytes, NULL: none
	int arch;                 // option 93, -1: none
	bool pxe;                 // option 60 begins with "PXEClient"
	bool http;                // option 60 begins with "HTTPClient": UEFI's HTTP Boot
	bool ipxe;                // it is iPXE: it sends option 175
	struct ipaddr requested;  // the address it asks for or says it has, unset: none
	bool in_use;              // it says that it has that address (ciaddr) and uses it
	bool chosen;              // it names this server (option 54): it has had an offer
	const char *hostname;     // option 12 as it stands there, "": none
	struct ipaddr relay;      // giaddr: the network it is on
};

// What it gets. Unset, empty or 0: the option is not sent. Texts must stay valid until the answer
// has been written.
struct dhcp_server_answer {
	struct ipaddr address;
	uint8_t prefix;
	struct ipaddr router, dns, log_server, next_server;
	uint32_t lease_time, renewal_time, rebinding_time; // seconds
	uint16_t mtu;
	bool no_proxy;            // iPXE: do not wait some seconds for a proxyDHCP server's offer
	const char *vendor_class; // option 60, which UEFI's HTTP Boot wants back
	const char *hostname, *domain, *root_path, *boot_file, *server_name;
};

struct dhcp_server_config {
	struct ipaddr address; // the server's, where the clients are
	bool proxy;            // gives no addresses, only boot data, to those who want to be booted
	void *owner;           // first argument of the callbacks
	// The address that the client has or would get now, and its boot data; the same client gets the
	// same answer while nobody else took the address. False: nothing for this client (silence).
	bool (*find)(void *owner, const struct dhcp_server_client *client,
		struct dhcp_server_answer *answer);
	// Whether the client is known to hold answer->address, or could have held it: false makes the
	// server silent instead of sending a NAK to a client that asks for another address.
	bool (*known)(void *owner, const struct dhcp_server_client *client);
	// The address is about to be acknowledged: remember it. False: do not (silence).
	bool (*grant)(void *owner, const struct dhcp_server_client *client,
		const struct dhcp_server_answer *answer);
	// The client gave the address up (released), or found it in use by another (declined).
	void (*give_back)(void *owner, const struct dhcp_server_client *client, bool declined);
};

struct dhcp_server {
	struct dhcp_server_config cfg;
	struct {
		uint8_t type;              // message type of the answer due, 0: none
		struct endpoint to;
		struct dhcp_server_answer answer;
		uint8_t hwaddr[16], hwtype, hwaddr_length;
		uint32_t xid;
		uint16_t flags;
		bool last;                 // a proxy's: the client asks no more
		struct ipaddr ciaddr, giaddr;
		uint8_t id[DHCP_SERVER_ECHO], agent[DHCP_SERVER_ECHO], uuid[17];
		size_t id_length, agent_length, uuid_length;
	} reply;
};

void dhcp_server_start(struct dhcp_server *s, const struct dhcp_server_config *cfg, uint64_t now);
// One message that came to port 67; `from` names the interface, which the answer keeps.
void dhcp_server_input(struct dhcp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// One message that came to a proxy's port 4011; the answer goes back to `from`.
void dhcp_server_input_pxe(struct dhcp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// Writes the answer to the latest message, if there is one.
bool dhcp_server_output(struct dhcp_server *s, struct writer *packet, struct endpoint *to,
	uint64_t now);
uint64_t dhcp_server_deadline(const struct dhcp_server *s);
// Always running.
enum machine_status dhcp_server_status(const struct dhcp_server *s);
