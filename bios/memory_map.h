// SPDX-License-Identifier: BSD-2-Clause
// Free memory as a sorted list of spans that do not touch. Made from what the firmware says in any
// order and with overlaps (memory that is called reserved anywhere is reserved), then taken from and
// given back to.
#pragma once

#include "bootloader/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEMORY_SPANS = 64 };

struct memory_span {
	uint64_t start, end; // end: first byte behind it
};

struct memory_map {
	struct memory_span spans[MEMORY_SPANS];
	size_t count;
};

// Adds [start, end), merging with what it overlaps or touches. A span too many is left out.
void memory_map_add(struct memory_map *m, uint64_t start, uint64_t end);
// Takes [start, end) out, whatever of it is there.
void memory_map_remove(struct memory_map *m, uint64_t start, uint64_t end);
// An address where `want` fits; false if there is none. Takes nothing out.
bool memory_map_find(const struct memory_map *m, const struct platform_place *want, uint64_t *at);
// Whether all of [start, end) is free.
bool memory_map_has(const struct memory_map *m, uint64_t start, uint64_t end);
uint64_t memory_map_total(const struct memory_map *m);
