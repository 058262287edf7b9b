// SPDX-License-Identifier: BSD-2-Clause
// Kernels that come packed. A platform that wants this names packed_gzip in its identity; programs of
// the others do not contain it.
#pragma once

#include "bootloader/sinks.h"

struct packed_kernel {
	// Whether a file with this head is packed so.
	bool (*begins)(const uint8_t *head, size_t length);
	// Reserves s->packed, where the file goes as it comes.
	bool (*place)(struct sink_kernel *s, struct fault *fault);
	// All of it is there: unpacks it to the kernel's place, and gives s->packed back.
	bool (*finish)(struct sink_kernel *s, struct fault *fault);
	void (*release)(struct sink_kernel *s);
};
