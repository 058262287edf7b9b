// SPDX-License-Identifier: BSD-2-Clause
// Device trees as bytes: a tree and overlays become one (libfdt).
#pragma once

#include "bootloader/platform.h"

// What this boot adds to the tree.
struct tree_facts {
	const uint8_t *hwaddr;     // six bytes of the card that we came by; NULL: not known
	const uint8_t *kaslr_seed; // eight random bytes for the kernel's place in memory; NULL: none
};

// Bytes that the result of tree_merge has at most.
size_t tree_merge_room(const struct platform_packet *base, const struct platform_trees *trees);
// Makes one tree of `base` and trees->overlays, which are changed by that, at `to`, which has `room`
// bytes. All of them are checked first. False with *fault: TREE_BAD, TREE_OVERLAY.
bool tree_merge(uint8_t *to, size_t room, const struct platform_packet *base,
	const struct platform_trees *trees, const struct tree_facts *facts, struct fault *fault);
