// SPDX-License-Identifier: BSD-2-Clause
// A small host stack over netdevs: ARP (RFC 826), IPv4 without fragments (RFC 791, 1122), ICMP echo
// and unreachable (RFC 792), UDP (RFC 768), TCP connections to servers (tcp_client.h). All memory is
// in struct stack; no callback blocks.
//
// The owner calls stack_poll in its loop, sends with stack_send, and sleeps no longer than
// stack_deadline. Received datagrams reach the handler of the socket bound to their port. Handlers
// run inside stack_poll only; they may send, bind and unbind, but not poll.
//
// Connections need nothing more: stack_poll gives them their segments, sends theirs after each burst
// that a device delivers, and minds their deadlines.
//
// Dropped without a word: fragments, bad checksums and lengths, frames to other stations, datagrams
// to other addresses (UDP to port 68 excepted: a DHCP server may send to the address that it is
// about to give), sources that are no host's address, anything but UDP to a broadcast address.
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/base/random.h"
#include "netstack/netdev.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STACK_INTERFACES = 4,
	STACK_NEIGHBOURS = 16,
	STACK_ROUTES = 32,
	STACK_SOCKETS = 16,
	STACK_CONNECTIONS = 8,
	STACK_PORT_ANY = 0,     // bind: an ephemeral port, unpredictable and not used recently
	STACK_RECENT_PORTS = 32,
	STACK_PAYLOAD = 1472,   // largest UDP payload at an MTU of 1500
};

// Addresses and UDP payload of one received datagram; valid during the handler only.
struct datagram {
	struct endpoint from; // interface: where it came in
	struct endpoint to;
	const uint8_t *payload;
	size_t length;
};

struct stack_socket;

struct stack_handler {
	void *owner; // passed back as first argument
	void (*input)(void *owner, const struct datagram *d, uint64_t now);
	// ICMP said that what we sent to `peer` was not delivered, or ARP got no answer (then
	// fault->id is FAULT_ARP_SILENT). NULL: not interested.
	void (*unreachable)(void *owner, const struct endpoint *peer, const struct fault *fault,
		uint64_t now);
};

enum stack_sent {
	STACK_SENT,      // handed to the device, or kept until ARP has answered
	STACK_BUSY,      // the device is full: send again after the next stack_poll
	STACK_NO_ROUTE,  // no interface and gateway lead there
	STACK_TOO_LARGE, // more than the interface's MTU allows; nothing is ever fragmented
};

struct stack_socket {
	bool used;
	uint16_t port;
	int interface; // -1: all
	struct stack_handler handler;
	struct endpoint peer; // the latest datagram's; ICMP errors are believed for this one only
};

struct tcp_client;
struct tcp_client_config;

struct stack_connection {
	struct tcp_client *tcp;     // the caller's; NULL: this place is free
	struct stack_socket socket; // what ARP tells of it
};

struct stack_interface {
	struct netdev *dev;
	struct ipaddr address; // unset until configured
	uint8_t prefix;
	uint16_t mtu;
};

struct stack_route {
	bool used;
	struct ipaddr destination;
	uint8_t prefix;
	struct ipaddr gateway; // unset: on link
	int interface;
};

enum neighbour_state { NEIGHBOUR_FREE, NEIGHBOUR_ASKING, NEIGHBOUR_KNOWN, NEIGHBOUR_SILENT };

struct stack_neighbour {
	enum neighbour_state state;
	int interface;
	struct ipaddr address;
	uint8_t hwaddr[6];
	uint64_t asked_first, asked_last, used_last; // ms
	uint64_t confirmed;                     // ms: when its address was last seen to be right
	unsigned tries;                         // questions sent and not yet answered
	struct endpoint waiting_for;            // peer of the datagram kept below
	struct stack_socket *waiting_socket;    // its sender
	size_t waiting_length;                  // 0: none kept
	uint8_t waiting[NETDEV_FRAME];          // the frame, complete but for its destination
};

struct stack {
	struct random *random;
	struct stack_interface interfaces[STACK_INTERFACES];
	size_t interface_count;
	struct stack_neighbour neighbours[STACK_NEIGHBOURS];
	struct stack_route routes[STACK_ROUTES];
	struct stack_socket sockets[STACK_SOCKETS];
	struct stack_connection connections[STACK_CONNECTIONS];
	uint16_t ip_id;
	uint16_t recent_ports[STACK_RECENT_PORTS];
	unsigned recent_port;   // place of the oldest
	uint64_t echo_since;    // ms, and answers given since then
	unsigned echoes;
	uint64_t resets_since;  // ms, and segments of no connection answered since then
	unsigned resets;
	struct {
		uint64_t frames_in, frames_out, dropped;
	} count;
};

// `random` stays the caller's and must outlive the stack.
void stack_init(struct stack *s, struct random *random);
// Adds an opened device; gives its interface number, -1 if there is no place left.
int stack_add_interface(struct stack *s, struct netdev *dev);
// Configures (or with an unset address: clears) the interface's address; announces it by ARP.
void stack_set_address(struct stack *s, int interface, const struct ipaddr *address,
	unsigned prefix, uint64_t now);
// The longest matching prefix wins; a route via a gateway that is not on link is taken as it is
// (the gateway is then asked for by ARP on that interface). False if the table is full.
bool stack_add_route(struct stack *s, const struct ipaddr *destination, unsigned prefix,
	const struct ipaddr *gateway, int interface);
// Binds a UDP port on one interface (or -1). NULL if no place is left or the port is taken.
struct stack_socket *stack_bind(struct stack *s, int interface, uint16_t port,
	const struct stack_handler *handler);
void stack_unbind(struct stack *s, struct stack_socket *socket);
// Sends one datagram; `payload` is copied. to->interface -1: the socket's, else chosen by route; a
// limited broadcast needs one of the two, unless there is only one interface. Sends from 0.0.0.0
// where the interface has no address (DHCP).
enum stack_sent stack_send(struct stack *s, struct stack_socket *socket, const struct endpoint *to,
	const void *payload, size_t length, uint64_t now);
// Begins a TCP connection: tcp->stream is then a stream (stream.h). `tcp` is the caller's and must stay
// where it is until stack_disconnect; of `cfg` the local endpoint, and mss where it is 0, are filled
// in. False, and tcp->stream has failed with a fault, if no way leads to the server or no place is
// left; nothing needs to be disconnected then. Its consumer is set afterwards.
bool stack_connect(struct stack *s, struct tcp_client *tcp, const struct tcp_client_config *cfg,
	uint64_t now);
// Lets go of a connection; one that is not over is aborted. Not to be called by its own consumer.
void stack_disconnect(struct stack *s, struct tcp_client *tcp, uint64_t now);
// Takes in everything the devices have, answers ARP and echo, repeats ARP questions, and sends what
// connections have to send.
// Gives the number of frames received, so that the loop knows whether it may rest.
size_t stack_poll(struct stack *s, uint64_t now);
uint64_t stack_deadline(const struct stack *s);
