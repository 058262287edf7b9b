// SPDX-License-Identifier: BSD-2-Clause
// Time in milliseconds without going to real mode.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void clock_init(void);
uint64_t clock_now(void);
// Waits by looking at the clock; for short times in set-up code.
void clock_wait(uint32_t ms);
// Spins for so many microseconds (up to 500); not at all without a time-stamp counter.
void clock_spin(uint32_t us);
bool clock_has_tsc(void);
uint64_t clock_tsc(void);
// To measure short times: steps of the time-stamp counter, 0 without one, and what they are in ms.
uint64_t clock_steps(void);
uint32_t clock_steps_ms(uint64_t steps);
// CPUID; false (and zeros) where the processor has no such leaf or no CPUID at all.
bool clock_cpuid(uint32_t leaf, uint32_t regs[4]);
