// SPDX-License-Identifier: BSD-2-Clause
// Milliseconds of the monotonic clock: the `now` of every machine that init runs.
#pragma once

#include <stdint.h>

uint64_t clock_ms(void);
