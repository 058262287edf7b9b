// SPDX-License-Identifier: BSD-2-Clause
// What network.c and network6.c know of each other.
#pragma once

#include "initramfs/net/network.h"

void network_set_state(struct nic *nic, enum nic_state state, uint64_t now);
// The card is configured, as `lease` says; the others stop. False if it could not get its address.
bool network_win(struct network *n, struct nic *nic, const struct lease *lease,
	enum network_source source, uint64_t now);

// The ways of a card to an IPv6 address; network6.c tells them.
// Begins, on a card that has a link.
void network6_begin(struct network *n, struct nic *nic, uint64_t now);
// Moves on, in NIC_LISTENING and NIC_SOLICITING.
void network6_step(struct network *n, struct nic *nic, uint64_t now);
uint64_t network6_deadline(const struct nic *nic, uint64_t now);
// Adds what routers have announced to a lease of IPv6: name servers behind those that it has (RFC 8106 section 5.3.1),
// domains to search where it names none.
void network6_complete(const struct nic *nic, struct lease *lease);
// What it waits for, and the failure that this amounts to so far.
void network6_awaits(const struct nic *nic, struct text *to, uint64_t now);
void network6_fault(const struct nic *nic, struct fault *fault, uint64_t now);
