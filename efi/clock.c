// SPDX-License-Identifier: BSD-2-Clause
// The processor's counter, measured once against the firmware's Stall: its own timer has ticks of 10
// to 55 ms. An interrupt in the middle of a measurement makes it too long, never too short: the
// smallest counts.
#include "efi/clock.h"
#include "efi/processor.h"
#include "efi/firmware.h"

enum { MEASURE_US = 10000, MEASURE_RUNS = 3, FALLBACK = 2000000 };

static uint64_t start, steps; // steps in a millisecond

static uint64_t measure(void)
{
	uint64_t best = UINT64_MAX;

	for (int run = 0; run < MEASURE_RUNS; run++) {
		uint64_t before = processor_counter(), took;

		firmware_services->Stall(MEASURE_US);
		took = processor_counter() - before;
		if (took < best)
			best = took;
	}
	return best / (MEASURE_US / 1000);
}

void clock_init(void)
{
	steps = processor_counter_hz() ? processor_counter_hz() / 1000 : measure();
	if (steps < 1000)
		steps = FALLBACK;
	start = processor_counter();
}

uint64_t clock_steps(void)
{
	return processor_counter();
}

uint32_t clock_steps_ms(uint64_t count)
{
	return (uint32_t)(count / steps);
}

uint64_t clock_now(void)
{
	return (processor_counter() - start) / steps;
}
