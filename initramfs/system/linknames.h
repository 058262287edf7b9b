// SPDX-License-Identifier: BSD-2-Clause
// Names that a system gives to its network cards: udev's rules (70-persistent-net.rules) and
// systemd.link(5). Does no I/O.
#pragma once

#include <stdbool.h>

enum { LINKNAMES_ADDRESSES = 256 };

// Whether the text, a file of rules, gives the name to a card. `addresses` is the hardware address that
// the card has to have, in lower case with colons, perhaps several; empty if it goes by something else.
bool linknames_in_rules(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES]);
// The same for a .link file.
bool linknames_in_link(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES]);
