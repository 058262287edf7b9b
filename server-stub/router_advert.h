// SPDX-License-Identifier: BSD-2-Clause
// A router advertisement that says "no router" (RFC 4861 section 4.2), to a boot ROM that waits for
// one.
//
// iPXE, which QEMU's network cards have as their ROM, sets up IPv4 and IPv6 side by side and asks
// for its boot file when both have ended. Where no router answers, IPv6 takes it some fifteen seconds
// longer. Any advertisement ends that at once.
//
//   type 134, code 0, checksum, hop limit 0, flags 0, router lifetime 0, reachable time 0,
//   retransmission timer 0, no options
//
// Lifetime 0: the sender is no default router. Each other 0 says that it leaves that to others, and
// there is no prefix, so nobody configures anything from it. It is sent
//
//   - with the DHCPACK, or, where another server gives the address, when that is asked for it, and not
//     before: a real router answers a solicitation within half a second, and iPXE goes by the first
//     answer. Sooner would gain nothing, the ROM needs its ACK anyway.
//   - to one hardware address and the link-local address that the ROM makes of it, never by
//     multicast: no other machine sees it. Lifetime 0 would take a router away only from one that
//     has it from this very address (section 6.3.4).
//   - only where there seems to be no IPv6 router: none has been heard, and this machine's own
//     addresses there end at the link. Such a router answers the ROM itself.
//
// The frame is made here and not by the kernel, which would have to have IPv6 switched on, and
// would first ask for the client's hardware address by a multicast that a switch may keep from a
// ROM that has joined no group.
#pragma once

#include "server-stub/interface.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROUTER_ADVERT = 40 + 16 }; // bytes: IPv6's header and the message

// A packet socket that sends advertisements and hears those of others; -1 and errno.
int router_advert_socket(void);
// The interface on which a router has advertised itself since; 0: nothing more has been heard.
int router_advert_heard(int socket);
// False and errno where it cannot be sent: EEXIST, this machine has IPv6 addresses there that reach
// further than the link.
bool router_advert_send(int socket, const struct interface *i, const uint8_t client[6]);

// The link-local address that an interface identifier out of the hardware address leads to (RFC
// 4291 appendix A).
void router_advert_link_local(uint8_t address[16], const uint8_t hwaddr[6]);
// The datagram from one hardware address to another.
void router_advert_write(uint8_t datagram[ROUTER_ADVERT], const uint8_t from[6],
	const uint8_t to[6]);
