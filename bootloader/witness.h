// SPDX-License-Identifier: BSD-2-Clause
// Stands between the boot program and its platform, and writes what the platform answers onto a tape: what
// it knows of the machine, what its cards receive, keys. All of the boot program asks here instead.
#pragma once

#include "bootloader/platform.h"
#include "bootloader/tape.h"

enum { WITNESS_CARDS = 8 };

// A card as the boot program sees it.
struct witness_card {
	struct netdev dev;
	struct netdev *below;
	struct tape *tape;
	uint8_t number;
	uint8_t link; // the last one told + 1
};

struct witness {
	struct tape tape;
	struct platform_identity identity;
	struct witness_card cards[WITNESS_CARDS];
	struct netdev *list[WITNESS_CARDS];
	size_t count;
};

// Begins a tape in this memory; NULL: there is none, and nothing is kept.
void witness_start(struct witness *w, void *memory, size_t size);
// As platform_netdevs and so on; w->identity is platform_identity's, with these cards.
size_t witness_netdevs(struct witness *w, struct netdev ***list);
void witness_entropy(struct witness *w, uint8_t seed[16]);
// The time of a turn of the loop. It is on the tape where something happens in that turn: TCP's first
// numbers depend on it.
uint64_t witness_now(struct witness *w);
int witness_getkey(struct witness *w);
bool witness_shift_held(struct witness *w);
