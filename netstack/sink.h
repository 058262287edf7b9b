// SPDX-License-Identifier: BSD-2-Clause
// Where a transfer's bytes go: straight to their final address, in any order.
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SINK_SIZE_UNKNOWN UINT64_MAX

struct sink;

struct sink_ops {
	// The transfer starts (or starts over: what was written is void). `size` in bytes, or
	// SINK_SIZE_UNKNOWN. False with *fault set if there is no room.
	bool (*begin)(struct sink *s, uint64_t size, struct fault *fault);
	// `length` bytes of the file at `offset`. Offsets may come in any order and repeat.
	bool (*write)(struct sink *s, uint64_t offset, const void *bytes, size_t length,
		struct fault *fault);
	// Whether these bytes are what has been written there, all of them, since the latest `begin`.
	bool (*same)(struct sink *s, uint64_t offset, const void *bytes, size_t length);
	// All `size` bytes have been written. Checks of the content belong here.
	bool (*commit)(struct sink *s, uint64_t size, struct fault *fault);
};

// Embedded as first member by the sink's own struct.
struct sink {
	const struct sink_ops *ops;
};
