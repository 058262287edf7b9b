// SPDX-License-Identifier: BSD-2-Clause
// Which network card does what: what ip=, BOOTIF= and the record say about each, and when each may be
// started.
#pragma once

#include "initramfs/net/network.h"

// Whether the interface is a card with a cable: not one that the kernel made up, and not wireless.
bool cards_is_wired(const char *name);
// Reads ip= and BOOTIF= into *n. Errors are shown; DHCP takes the place of what is wrong.
void cards_read(struct network *n);
// The card booted the machine, as BOOTIF= or else the record says.
bool cards_is_bootif(const struct network *n, const struct nic *nic);
// The record's lease was given to this card.
bool cards_fits_record(const struct network *n, const struct nic *nic);
// The ip= that holds for the card: the last that names it, else the last that names none; or NULL.
const struct ipparam *cards_parameter(const struct network *n, const struct nic *nic);
// The static address that the card is to have, NULL for none.
const struct ipparam *cards_static(const struct network *n, const struct nic *nic);
// Whether the card has that name, here or where udev names cards.
bool cards_is_called(const struct nic *nic, const char *name);
// Whether the card is to have an address: not one that only carries a VLAN.
bool cards_is_used(const struct network *n, const struct nic *nic);
// A new card gets the name that ifname= gives it. An ip= or bootdev= that names it as udev would is
// made to say the kernel's name.
void cards_resolve(struct network *n, struct nic *nic);
// Settles what ip= leaves open, once it is known which cards there are.
void cards_decide(struct network *n, uint64_t now);
// Whether the card may be started by now.
bool cards_may_start(const struct network *n, const struct nic *nic, uint64_t now);
// The other cards need not wait for the one that booted any longer.
bool cards_all_may(const struct network *n, uint64_t now);
// When cards_may_start may change by the clock alone.
uint64_t cards_deadline(const struct network *n);
// Whether the card's driver notices late that there is a link, unless there is one when it is started.
bool cards_notices_late(const char *name);
