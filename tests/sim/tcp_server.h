// SPDX-License-Identifier: BSD-2-Clause
// A TCP server of the simulation, for one connection at a time to port 80: it takes a request of so
// many bytes and answers with a file. It sends as many segments at once as its traits say, as long as
// the client's window lets it, and repeats those that are not acknowledged; it has no congestion
// control. It looks hard at what the client sends: `broken` says what no client may do.
#pragma once

#include "netstack/wire/tcp.h"
#include "tests/sim/file.h"
#include "tests/sim/sim.h"

enum { TCP_SERVER_PORT = 80, TCP_SERVER_PIECES = 4096, TCP_SERVER_REQUEST = 4096 };

struct tcp_server_traits {
	bool scale, sack, stamps;
	uint16_t mss;            // bytes in a segment at most; 0: not told, 536
	unsigned flight;         // segments on their way at most
	uint32_t rto;            // ms
	size_t request;          // bytes of the request
	uint32_t shut;           // ms for which it takes no bytes
	bool fin_alone;          // the FIN comes after the last bytes, not with them
	bool stays;              // no FIN
	bool closed;             // nothing listens
	uint64_t mute_at, resets_at; // after so many bytes of the file; 0: never
};

struct tcp_server_piece {
	bool sent, arrived;      // arrived: the client says so by SACK
	unsigned times;
	uint64_t sent_at;        // ms
};

struct tcp_server;

// Stands between the node's port and its stack, and keeps TCP from the stack.
struct tcp_server_tap {
	struct netdev dev; // first
	struct tcp_server *server;
};

struct tcp_server {
	struct sim_node node; // first
	struct tcp_server_tap tap;
	struct tcp_server_traits traits;
	const struct sim_file *file;
	struct ipaddr address;
	struct random *random;
	const char *broken;      // what the client did wrong, NULL: nothing

	bool open, mute, done;   // a connection stands; says nothing any more; the client has reset it
	struct ipaddr client;
	uint8_t client_hwaddr[6];
	uint16_t client_port;
	bool scale, sack, stamps; // agreed
	uint8_t client_scale;
	uint32_t iss, irs, ts_recent, stamp_offset;
	uint8_t request[TCP_SERVER_REQUEST];
	size_t received;         // of it
	bool client_fin, ack_due, confirmed;
	uint64_t syn_sent, opened, shut_until, probed; // ms
	uint16_t mss;            // of the pieces
	size_t piece_count;      // with the FIN's, where it is alone
	struct tcp_server_piece pieces[TCP_SERVER_PIECES];
	uint64_t acked;          // bytes of the file, and the FIN
	uint64_t highest;        // end of what was ever sent
	uint64_t edge;           // end of the client's window
	unsigned doubles;        // duplicate ACKs
	uint64_t segments, repeats;
};

// Prepares and plugs in a server at 192.168.2.`host`/24.
void tcp_server_init(struct tcp_server *v, struct sim *s, unsigned host,
	const struct tcp_server_traits *traits, const struct sim_file *file);
