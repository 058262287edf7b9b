// SPDX-License-Identifier: BSD-2-Clause
// DHCP replies made for a test, and the leases that they are read as.
#pragma once

#include "netstack/lease.h"
#include "netstack/wire/dhcp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

// Messages point into their packets, which live here until the test ends.
static struct bytes kept[64];
static size_t kept_count;

static inline int forget_packets(void **state)
{
	(void)state;
	while (kept_count)
		exact_free(&kept[--kept_count]);
	return 0;
}

static inline struct dhcp_message message_of(struct bytes packet)
{
	struct dhcp_message m;

	assert_true(kept_count < COUNT(kept));
	kept[kept_count++] = packet;
	assert_true(dhcp_parse(&m, packet.at, packet.length));
	return m;
}

static inline struct dhcp_message recorded(const char *name)
{
	return message_of(from_hex(PACKET(dhcp_packets, name)));
}

// A reply that gives 10.77.0.50, with these options (hex, without END).
static inline struct dhcp_message reply(const char *options)
{
	char hex[4096];

	snprintf(hex, sizeof hex, "02010600 3903f326 00*8 0a4d0032 00*216 63825363 %s ff", options);
	return message_of(from_hex(hex));
}

static inline struct lease lease_of(struct dhcp_message m)
{
	struct lease lease;
	struct fault fault;

	assert_true(lease_read(&lease, &m, &fault));
	return lease;
}
