// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the TCP client (tcp_client.c, tcp_input.c, tcp_ranges.c) know of each other. Not
// for others.
#pragma once

#include "netstack/tcp_client.h"

// ---- tcp_client.c

// The stream takes this state, and the consumer is told.
void tcp_change(struct tcp_client *t, enum stream_state state, uint64_t now);
// Ends it with stream.fault; the peer is told by a RST, if `reset`.
void tcp_fail(struct tcp_client *t, bool reset, uint64_t now);
// "10.0.0.1 port 80"
struct text tcp_peer(const struct tcp_client *t, char *to, size_t size);
// Starts or stops the retransmission timer, as there is something to repeat or not.
void tcp_keep_timer(struct tcp_client *t, uint64_t now);
// Our timestamp clock.
uint32_t tcp_stamp(const struct tcp_client *t, uint64_t now);
// The largest window that may be told now, in bytes.
uint32_t tcp_window(const struct tcp_client *t);

// ---- tcp_ranges.c

// Payload inside the window goes to the consumer.
void tcp_receive(struct tcp_client *t, uint32_t sequence, const uint8_t *bytes, size_t length,
	uint64_t now);
// The ranges to tell the peer of, the newest first, as many as fit.
void tcp_report_ranges(const struct tcp_client *t, struct tcp *segment);
