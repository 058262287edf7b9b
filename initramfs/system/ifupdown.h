// SPDX-License-Identifier: BSD-2-Clause
// interfaces(5) of ifupdown: which interfaces the running system would configure by itself. Does no I/O.
#pragma once

#include <stddef.h>

// Calls `found` with every name in "auto", "allow-..." and "iface" lines, and `source` with every pattern
// in "source" and "source-directory" lines. Both get `owner`.
void ifupdown_read(const char *text, void (*found)(void *owner, const char *name),
	void (*source)(void *owner, const char *pattern), void *owner);
