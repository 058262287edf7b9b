// SPDX-License-Identifier: BSD-2-Clause
// Whether another DHCP server gives addresses on a network: asked by a DISCOVER now and then, and
// heard in the answers that it gives to others.
//
// The DISCOVER bears the interface's own hardware address, because switches that watch DHCP drop
// any other, and because a server that knows this machine then offers what it has reserved for it
// anyway. It is never followed by a REQUEST, so no lease comes of it. A packet socket sends and
// hears: port 68 stays free for a DHCP client of this machine.
//
// An offer from a server that is not this machine counts, also one that a relay brings. An answer
// without an address (a proxyDHCP server's) competes for the boot program only, and is told apart.
#pragma once

#include "server-stub/events.h"
#include "server-stub/interface.h"
#include "netstack/base/bytes.h"

enum {
	PROBE_REPEAT = 1000,            // ms between the first three questions
	PROBE_WAIT = 3500,              // ms from the first one until nobody is there: servers that
	                                // ping an address first take up to three seconds
	PROBE_SOON = 30 * 1000,         // the next question: a switch port may have been learning
	PROBE_ALONE_REPEAT = 300 * 1000,
	PROBE_OTHER_REPEAT = 60 * 1000,
	PROBE_SUSPECT = 5 * 1000,       // between questions for which a client gave cause
	PROBE_GONE = 200 * 1000,        // silence after which the other one is gone
};

enum probe_state { PROBE_ASKING, PROBE_ALONE, PROBE_OTHER };
enum probe_news {
	PROBE_NOBODY,      // the first questions are unanswered
	PROBE_SERVER,      // another server has answered
	PROBE_SERVER_GONE, // it no longer answers
	PROBE_BOOT_SERVER, // a proxyDHCP server, said once
};

// An answer of a DHCP server to anybody.
struct probe_answer {
	struct ipaddr server;  // its identifier
	struct ipaddr offered; // unset: no address, only boot data
	struct ipaddr relay;   // unset: none
	uint8_t hwaddr[6];     // who has sent the frame
};

struct probes;

struct probe {
	struct probes *probes;
	struct event_timer timer;
	const struct interface *interface;
	enum probe_state state;
	struct probe_answer other; // the latest answer of another server
	uint64_t begun, asked, heard;
	bool boot_server_told;
};

struct probes {
	struct events *events;
	int socket;
	struct event_source source;
	const struct interfaces *interfaces;
	// Has changed its state, or heard of a boot server (`answer`; else it is &probe->other).
	void (*news)(void *owner, const struct probe *probe, enum probe_news news,
		const struct probe_answer *answer);
	void *owner;
	struct probe list[INTERFACES]; // in the order of the interfaces
};

// An IPv4 datagram as one of an answer; hwaddr is left to the caller. False where it is none.
bool probe_read(const void *datagram, size_t length, struct probe_answer *answer);
// The question, a datagram from 0.0.0.0 to everybody.
void probe_write(struct writer *w, const uint8_t hwaddr[6], uint32_t xid);

// A packet socket that hears what goes to DHCP clients; -1 and errno.
int probe_socket(void);
// Begins to ask on every interface that has a hardware address. The socket is watched until
// probes_stop, which leaves it open. False and errno.
bool probes_start(struct probes *p, struct events *events, int socket,
	const struct interfaces *interfaces, uint64_t now);
void probes_stop(struct probes *p);
// A client has spoken of another server (its REQUEST is a broadcast, while the server's offer may
// go to the client alone): it is asked for before its time.
void probes_suspect(struct probes *p, const struct interface *interface, uint64_t now);
