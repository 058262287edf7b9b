// SPDX-License-Identifier: BSD-2-Clause
// TCP headers (RFC 9293 section 3.1) over IPv4, with the options maximum segment size, window scale
// and timestamps (RFC 7323), selective acknowledgment (RFC 2018).
#pragma once

#include "netstack/wire/ip.h"

enum { TCP_HEADER = 20, TCP_HEADER_MAX = 60, TCP_SACK_MAX = 4 };
enum { TCP_TIMESTAMPS_LENGTH = 12 }; // what the option takes of each segment, as written here
enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

// Sequence numbers from `start` to the one before `end`.
struct tcp_range {
	uint32_t start, end;
};

struct tcp {
	uint16_t source, destination;
	uint32_t sequence, acknowledgment;
	uint8_t flags;           // enum tcp_flag
	uint16_t window;         // as on the wire, not scaled
	uint16_t mss;            // 0: absent
	bool scaled;             // window scale is there,
	uint8_t scale;           // and is this
	bool sack_permitted;
	bool stamped;            // timestamps are there:
	uint32_t stamp, echo;    // TSval, TSecr
	uint8_t sack_count;
	struct tcp_range sack[TCP_SACK_MAX];
};

// a < b, a <= b for sequence numbers and timestamps, which wrap around.
static inline bool tcp_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool tcp_until(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

// `segment` is the payload that ip_read gave. False for a header shorter than 20 bytes or longer than
// the segment, an option of length 0 or 1 or past the header's end, or, unless `trust_checksum` (the
// device has checked it, or the sender left it out), a wrong checksum. Options that are unknown, or
// known but not of their length, are skipped, and so is a second SACK. Urgent pointers are not read.
bool tcp_read(struct reader *segment, const struct ip *ip, bool trust_checksum, struct tcp *tcp,
	struct reader *payload);
// Bytes that tcp_write makes of the header and its options.
size_t tcp_header_length(const struct tcp *tcp);
// Writes IP and TCP headers and the payload. The writer fails for options longer than 40 bytes.
void tcp_write(struct writer *w, const struct ip *ip, const struct tcp *tcp, const void *payload,
	size_t length);
