// SPDX-License-Identifier: BSD-2-Clause
// Milliseconds since the start.
#pragma once

#include <stdint.h>

void clock_init(void);
uint64_t clock_now(void);
// To measure short times: steps of the processor's counter, and what they are in ms.
uint64_t clock_steps(void);
uint32_t clock_steps_ms(uint64_t count);
