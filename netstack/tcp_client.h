// SPDX-License-Identifier: BSD-2-Clause
// TCP client machine (RFC 9293, active open only): one connection as a struct stream.
//
// Window scale, timestamps and PAWS (RFC 7323); SACK is sent (RFC 2018), not used for the few bytes
// that we send; retransmission by RFC 6298 with Karn's rule; resets, SYNs and ACKs are believed as
// RFC 5961 says; initial sequence numbers are those of RFC 6528. No buffer for received bytes: see
// stream.h. What lies behind a gap is known as a list of at most TCP_RANGES ranges.
//
// ACKs: one for everything that came since the last call of tcp_client_output; at once
// (tcp_client_urgent) where it tells the peer of a new gap. While one burst of frames follows the other
// an ACK may wait for several of them (tcp_client_may_wait): sending one costs as much as receiving.
//
// Its owner moves segments, because their checksum covers the addresses: while tcp_client_output gives
// one, send it and, if the device took it, say so with tcp_client_sent. stack_connect does all that.
// The addresses and ports of what is given to tcp_client_input are those of this connection.
//
// No simultaneous open: a SYN without ACK is ignored. Bytes in a SYN, urgent pointers: ignored.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"
#include "netstack/base/random.h"
#include "netstack/base/rtt.h"
#include "netstack/stream.h"
#include "netstack/wire/tcp.h"

enum {
	TCP_RANGES = 32,
	TCP_WINDOW = 2 << 20,      // default: bytes that may be on their way to us
	TCP_WINDOW_MAX = 64 << 20,
	TCP_CONNECT_PATIENCE = 15000, // ms, default
	TCP_PATIENCE = 15000,      // ms, default
	TCP_LINGER = 3000,         // ms that stream_close waits for the peer to close too
};

enum tcp_state {
	TCP_CLOSED,
	TCP_SYN_SENT,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT_1,
	TCP_FIN_WAIT_2,
	TCP_CLOSING,
	TCP_TIME_WAIT, // lasts until the owner lets go of the connection
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
};

struct tcp_client_config {
	struct random *random;
	struct endpoint server;
	struct endpoint local;     // stack_connect fills it in
	uint16_t mss;              // largest payload of a segment, both ways: MTU - 40
	uint32_t window;           // bytes, at most TCP_WINDOW_MAX; 0: TCP_WINDOW
	uint32_t connect_patience; // ms until a connection must stand; 0: TCP_CONNECT_PATIENCE
	uint32_t patience;         // ms without a byte awaited or an acknowledgment; 0: TCP_PATIENCE
};

// Bytes that the consumer has placed behind a gap.
struct tcp_placed {
	uint32_t start, end; // sequence numbers, as in struct tcp_range
	uint32_t touched;    // larger: grew later
};

struct tcp_client {
	struct stream stream; // first
	struct tcp_client_config cfg;
	enum tcp_state state;
	bool closing;              // nothing more will be written: a FIN follows the bytes queued

	// Sending. `buffer` holds the `length` bytes from sequence number `base` on.
	uint8_t buffer[STREAM_WRITE_MAX];
	size_t length;
	uint32_t iss, base;
	uint32_t snd_una, snd_nxt; // oldest not acknowledged, next to send
	uint32_t snd_max;          // highest ever sent + 1
	uint32_t snd_wnd, snd_wnd_max, snd_wl1, snd_wl2;
	uint16_t snd_mss;          // payload of a segment, options taken off
	uint8_t snd_scale;
	struct rtt rtt;
	uint64_t timer;            // ms: retransmission or window probe; 0: off
	unsigned tries;            // timeouts since the last acknowledgment
	bool probing;              // the peer's window is 0, and one byte may go
	bool measuring;            // a round trip is measured: from `timed_at` to the ACK of `timed`
	uint32_t timed;
	uint64_t timed_at;

	// Receiving.
	uint32_t irs, rcv_nxt;
	uint32_t rcv_edge;         // end of the window told to the peer
	uint8_t rcv_scale;
	bool sack;                 // both sides know SACK
	bool stamped;              // both sides send timestamps:
	uint32_t stamp_offset, ts_recent, last_ack_sent;
	bool fin_seen;             // the peer's FIN stands
	uint32_t fin_at;           // at this sequence number
	unsigned range_count, touches;
	struct tcp_placed ranges[TCP_RANGES]; // in order, with gaps between them
	unsigned doubles;          // duplicate ACKs sent at once since rcv_nxt last moved

	// Due to be sent.
	bool ack_due, urgent, reset_due;
	uint32_t reset_sequence;
	bool reset_plain;          // without ACK

	// Time, ms.
	bool awaited;
	uint64_t started;
	uint64_t heard;            // when the last new byte came, or waiting for one began
	uint64_t acked;            // when something was last acknowledged, or waiting for that began
	uint64_t challenged;       // `challenges` have been answered since then
	unsigned challenges;

	struct {
		uint32_t segments, acks, out_of_order, refused, duplicates, timeouts, challenges;
	} count;
};

void tcp_client_start(struct tcp_client *t, const struct tcp_client_config *cfg, uint64_t now);
void tcp_client_input(struct tcp_client *t, const struct tcp *segment, const struct reader *payload,
	uint64_t now);
// ARP, or ICMP about a segment with this sequence number, reported that the server cannot be reached:
// that ends an attempt to connect. Later it is left to time (RFC 5927).
void tcp_client_unreachable(struct tcp_client *t, const struct fault *why, uint64_t now);
// True: `segment`, ports included, with `payload` (a view of this struct) is to be sent.
bool tcp_client_output(struct tcp_client *t, struct tcp *segment, struct reader *payload,
	uint64_t now);
// What tcp_client_output gave has gone out.
void tcp_client_sent(struct tcp_client *t, const struct tcp *segment, size_t length, uint64_t now);
// tcp_client_output should not wait for the end of the burst.
bool tcp_client_urgent(const struct tcp_client *t);
// tcp_client_output would give nothing but an ACK that may wait as long as more comes in.
bool tcp_client_may_wait(const struct tcp_client *t);
uint64_t tcp_client_deadline(const struct tcp_client *t);
enum machine_status tcp_client_status(const struct tcp_client *t);
