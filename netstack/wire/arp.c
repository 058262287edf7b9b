// SPDX-License-Identifier: BSD-2-Clause
// ARP packets (RFC 826): hardware type, protocol type, both lengths, operation, then the sender's
// and the target's pair of addresses.
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"

enum { HARDWARE_ETHERNET = 1, HWADDR_LENGTH = 6, IPV4_LENGTH = 4 };

bool arp_read(struct reader *r, struct arp *a)
{
	uint16_t hardware = read_u16(r), protocol = read_u16(r);
	uint8_t hwaddr_length = read_u8(r), address_length = read_u8(r);

	if (hardware != HARDWARE_ETHERNET || protocol != ETHER_IP ||
		hwaddr_length != HWADDR_LENGTH || address_length != IPV4_LENGTH)
		return false;
	a->operation = read_u16(r);
	read_bytes(r, a->sender_hwaddr, HWADDR_LENGTH);
	a->sender = ipaddr_from_u32(read_u32(r));
	read_bytes(r, a->target_hwaddr, HWADDR_LENGTH);
	a->target = ipaddr_from_u32(read_u32(r));
	return !r->failed;
}

void arp_write(struct writer *w, const struct arp *a)
{
	write_u16(w, HARDWARE_ETHERNET);
	write_u16(w, ETHER_IP);
	write_u8(w, HWADDR_LENGTH);
	write_u8(w, IPV4_LENGTH);
	write_u16(w, a->operation);
	write_bytes(w, a->sender_hwaddr, HWADDR_LENGTH);
	write_u32(w, ipaddr_to_u32(&a->sender));
	write_bytes(w, a->target_hwaddr, HWADDR_LENGTH);
	write_u32(w, ipaddr_to_u32(&a->target));
}
