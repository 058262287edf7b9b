// SPDX-License-Identifier: BSD-2-Clause
// arm64: the generic timer's virtual counter, and the random numbers of FEAT_RNG (Arm Architecture
// Reference Manual for A-profile, D11 "The Generic Timer", D17.2 "RNDR").
#include "efi/processor.h"
#include "efi/device_tree.h"

enum { RNDR_TRIES = 10, RNDR_FIELD = 60, ARCH_ARM64 = 11 };

uint64_t processor_counter(void)
{
	uint64_t value;

	// Without the barrier it may be read ahead of what stands before it.
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
}

uint64_t processor_counter_hz(void)
{
	uint64_t value;

	__asm__("mrs %0, cntfrq_el0" : "=r"(value));
	return value; // 0 where the firmware has forgotten to set it
}

void processor_pause(void)
{
	__asm__ volatile("yield");
}

static bool has_random(void)
{
	uint64_t features;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(features));
	return features >> RNDR_FIELD;
}

// The register's name is spelt out for assemblers that do not know it. Z is set where there is no
// number yet.
bool processor_random(uint64_t *number)
{
	uint32_t good = 0;

	for (int try = 0; has_random() && try < RNDR_TRIES && !good; try++)
		__asm__ volatile("mrs %0, s3_3_c2_c4_0; cset %w1, ne" : "=r"(*number), "=r"(good) : : "cc");
	return good;
}

struct platform_cpu processor_features(void)
{
	return (struct platform_cpu){0};
}

uint16_t processor_arch(void)
{
	return ARCH_ARM64;
}

const struct packed_kernel *processor_packing(void)
{
	return &packed_gzip;
}

const struct device_tree_ops *processor_trees(void)
{
	return &device_tree_ops;
}
