// SPDX-License-Identifier: BSD-2-Clause
// A bad network as a netdev that stands on another one: what the lower device receives is lost,
// doubled, delayed, reordered or damaged by chance, from a seed. Sending passes through untouched, so
// that one wrapper per port covers each direction once.
//
// Damage is one flipped bit per frame: what a checksum always finds.
#pragma once

#include "netstack/base/random.h"
#include "netstack/netdev.h"

enum { FAULT_HELD = 1024 };

// Chances in thousandths, times in ms.
struct fault_chances {
	unsigned loss, duplicate, reorder, corrupt;
	uint32_t delay, jitter; // a frame takes delay to delay + jitter, in order unless reordered
	uint32_t reorder_by;    // a reordered frame takes up to this much longer
};

struct fault_held {
	uint64_t due;
	uint64_t order; // among frames due at the same time
	size_t length;
	uint8_t bytes[NETDEV_FRAME];
};

struct fault_netdev {
	struct netdev dev; // first
	struct netdev *below;
	const uint64_t *now;
	struct random random;
	struct fault_chances chances;
	bool cut;          // nothing gets through
	uint64_t last_due, order;
	size_t held_count;
	struct fault_held held[FAULT_HELD];
	struct fault_held given[NETDEV_BURST];
	struct {
		uint64_t passed, lost, doubled, reordered, corrupted;
	} count;
};

// `now` is the virtual clock; it is read at every receive.
void fault_netdev_init(struct fault_netdev *f, struct netdev *below, const uint64_t *now,
	uint32_t seed);
// When the next frame held becomes due; UINT64_MAX if there is none.
uint64_t fault_netdev_deadline(const struct fault_netdev *f);
