// SPDX-License-Identifier: BSD-2-Clause
// ICMP echo and destination unreachable (RFC 792, 1122).
#pragma once

#include "netstack/wire/udp.h"

enum { ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_ECHO = 8 };
enum { ICMP_NET = 0, ICMP_HOST = 1, ICMP_PROTOCOL = 2, ICMP_PORT = 3, ICMP_FRAGMENTATION = 4 };

struct icmp {
	uint8_t type, code;
	uint16_t id, sequence;     // echo
	struct reader data;        // echo: what to send back
	struct ip original;        // unreachable: the header of the datagram that was not delivered
	struct udp original_udp;   // and its ports, zero unless it was UDP or TCP
	uint32_t original_sequence; // and for TCP the sequence number
};

// False for a bad checksum or length, or a type other than the three above.
bool icmp_read(struct reader *segment, struct icmp *icmp);
// Writes an echo or echo reply (ICMP part only).
void icmp_write_echo(struct writer *w, const struct icmp *icmp);
