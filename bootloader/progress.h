// SPDX-License-Identifier: BSD-2-Clause
// Sizes, rates and times of transfers, in words.
#pragma once

#include "netstack/base/text.h"

// "8.2 MB", "31.4 kB", "512 bytes" (powers of ten).
void progress_size(struct text *to, uint64_t bytes);
// "vmlinuz  45 %  3.7 MB of 8.2 MB  4.8 MB/s  1 s left"; `size` SINK_SIZE_UNKNOWN: without the share
// and the time left. Below `kept`, what is there already comes once more: "vmlinuz  3.7 MB, again to
// 5.0 MB  4.8 MB/s". `elapsed` in ms.
void progress_running(struct text *to, const char *name, uint64_t received, uint64_t size, uint64_t kept,
	uint32_t elapsed);
// "vmlinuz  8.2 MB in 1.71 s (4.8 MB/s)"
void progress_finished(struct text *to, const char *name, uint64_t size, uint32_t elapsed);
// When to draw again, given the time just before this drawing: a slow serial console must not hold
// up the transfer, so drawing takes at most a twentieth of the time.
uint64_t progress_next(uint64_t before);
