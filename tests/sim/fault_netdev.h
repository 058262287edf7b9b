// SPDX-License-Identifier: BSD-2-Clause
// A bad network as a netdev that stands on another one: what the lower device receives goes through a
// link (tests/wire/link.h) first, which loses, doubles, delays, reorders or damages it by chance, from
// a seed. Sending passes through, so that one wrapper per port covers each direction once; but the
// device may be too busy to take a frame.
#pragma once

#include "netstack/base/random.h"
#include "netstack/netdev.h"
#include "tests/wire/link.h"

enum { FAULT_HELD = 1024 };

// Chances in thousandths, times in ms.
struct fault_chances {
	unsigned loss, duplicate, reorder, corrupt, busy;
	uint32_t delay, jitter; // a frame takes delay to delay + jitter, in order unless reordered
	uint32_t reorder_by;    // a reordered frame takes up to this much longer
	uint32_t kbit;          // per second, 0: no limit
	uint64_t cut_after;     // bytes after which nothing gets through for cut_for ms (0: for good)
	uint32_t cut_for;
};

struct fault_held {
	uint64_t due;   // ns
	uint64_t order; // among frames due at the same time
	size_t length;
	uint8_t bytes[NETDEV_FRAME];
};

struct fault_netdev {
	struct netdev dev; // first
	struct netdev *below;
	const uint64_t *now;
	struct fault_chances chances;
	bool cut;          // nothing gets through
	struct random random;
	struct link link;
	struct link_cut link_cut;
	uint64_t order;
	size_t held_count;
	struct fault_held held[FAULT_HELD];
	struct fault_held given[NETDEV_BURST];
};

// `now` is the virtual clock; it is read at every receive.
void fault_netdev_init(struct fault_netdev *f, struct netdev *below, const uint64_t *now,
	uint32_t seed);
// When the next frame held becomes due; UINT64_MAX if there is none.
uint64_t fault_netdev_deadline(const struct fault_netdev *f);
