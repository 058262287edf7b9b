// SPDX-License-Identifier: BSD-2-Clause
// UDP (RFC 768) over IPv4.
#pragma once

#include "netstack/wire/ip.h"

enum { UDP_HEADER = 8 };

struct udp {
	uint16_t source, destination;
};

// `segment` is the payload that ip_read gave. False for a bad length or, unless `trust_checksum`
// (the device has checked it, or the sender left it out), a wrong checksum. A checksum of 0 means
// that there is none.
bool udp_read(struct reader *segment, const struct ip *ip, bool trust_checksum, struct udp *udp,
	struct reader *payload);
// Writes IP and UDP headers and the payload.
void udp_write(struct writer *w, const struct ip *ip, const struct udp *udp, const void *payload,
	size_t length);
