// SPDX-License-Identifier: BSD-2-Clause
// What the boot program knew (docs/lanyard-record.5): its files in /lanyard, read into one struct.
// Everything in them may have come from the network; each part stands or falls alone.
#pragma once

#include "netstack/lease.h"

#include <stdbool.h>
#include <stdint.h>

struct record {
	bool has_hwaddr;
	uint8_t hwaddr[6]; // of the card that booted
	uint16_t vlan;     // that it booted in; 0: none
	bool has_lease;
	struct lease lease; // DHCPACK, what the proxy added, and the client id of the DISCOVER
	bool has_uuid;
	uint8_t uuid[16];  // as option 97 carried it
};

// Reads the files in `directory`; what is absent or malformed is left out.
void record_read(struct record *r, const char *directory);
