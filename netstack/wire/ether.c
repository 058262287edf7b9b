// SPDX-License-Identifier: BSD-2-Clause
// Ethernet II frames: destination, source, perhaps one 802.1Q tag, type. Switches put priority tags
// (VLAN 0) on untagged traffic; frames of a real VLAN belong to somebody else.
#include "netstack/wire/ether.h"

const uint8_t ether_broadcast[6] = {255, 255, 255, 255, 255, 255};

enum { VLAN_ID = 0x0fff };

bool ether_read(struct reader *r, struct ether *e)
{
	read_bytes(r, e->destination, sizeof e->destination);
	read_bytes(r, e->source, sizeof e->source);
	e->type = read_u16(r);
	if (e->type == ETHER_VLAN) {
		if ((read_u16(r) & VLAN_ID) != 0)
			return false;
		e->type = read_u16(r);
	}
	return !r->failed && e->type != ETHER_VLAN;
}

void ether_write(struct writer *w, const struct ether *e)
{
	write_bytes(w, e->destination, sizeof e->destination);
	write_bytes(w, e->source, sizeof e->source);
	write_u16(w, e->type);
}
