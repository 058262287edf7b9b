// SPDX-License-Identifier: BSD-2-Clause
// Which part of an image a module belongs to, where only some parts go to a machine
// (lanyard-segments(5)):
//
//   common        what has nothing to do with a PCI card: NFS and the overlay; what a board has that
//                 no PCI bus lists
//   phy           all drivers of PHYs: which one a card has only the card can tell
//   NAME          one module, named after it; for cards, and for what a machine may do without
//
// Invariants: each module is in one part. The parts of a card are closed: with its driver there is
// all that it depends on, the drivers of its bus, and what it asks the kernel for.
#pragma once

#include "initramfs/mklanyard/modules.h"

enum { DIVISION_COMMON = 0 };

struct division {
	const struct modules *modules;
	const char **names; // of the parts; the common one is the first
	size_t count;
	size_t *place; // of each module: its part
};

// Refers to the modules as long as it is used; ended by division_free.
void division_make(struct division *d, const struct modules *m);
// The part that a firmware file goes to: the common one if modules of several parts name it.
size_t division_of_firmware(const struct division *d, const char *name);
// Whether the part is for cards: not the common one, and none of an extra.
bool division_is_for_cards(const struct division *d, size_t part);
// Appends a line "extra MODULE PART,..." for each that a machine may do without.
void division_write_extras(const struct division *d, struct buffer *to);
// Appends a line "card MODULE PART,...|- VVVV:DDDD ..." for each driver of PCI cards; the common part
// is not among the parts, since all machines get it.
void division_write_cards(const struct division *d, struct buffer *to);
void division_free(struct division *d);
