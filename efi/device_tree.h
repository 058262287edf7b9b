// SPDX-License-Identifier: BSD-2-Clause
// The device tree that Linux finds among the firmware's tables (Embedded Base Boot Requirements 2.2,
// "Devicetree"). Not on machines that have none: see processor_trees.
#pragma once

#include "bootloader/platform.h"

struct device_tree_ops {
	// What the firmware's tree calls this machine, for platform_identity.
	struct platform_packet (*compatible)(void);
	// Fetches trees, for platform_identity.
	bool (*load)(struct boot *b, struct fault *fault);
	// Puts what these make together into the place of the firmware's tree. False with *fault:
	// TREE_UNSIGNED, TREE_BAD, TREE_OVERLAY, MEMORY.
	bool (*install)(const struct platform_trees *trees, struct fault *fault);
	// Puts the firmware's back, if another one has been installed.
	void (*restore)(void);
};
extern const struct device_tree_ops device_tree_ops;
