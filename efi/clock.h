// SPDX-License-Identifier: BSD-2-Clause
// Milliseconds since the start.
#pragma once

#include <stdint.h>

void clock_init(void);
uint64_t clock_now(void);
