// SPDX-License-Identifier: BSD-2-Clause
// x86-64: the time-stamp counter and RDRAND (Intel SDM volume 2).
#include "efi/processor.h"

enum { RDRAND_TRIES = 10, ARCH_X64 = 7 };

static void cpuid(uint32_t leaf, uint32_t regs[4])
{
	__asm__ volatile("cpuid" : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]), "=d"(regs[3])
		: "a"(leaf), "c"(0));
}

uint64_t processor_counter(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

uint64_t processor_counter_hz(void)
{
	return 0; // what CPUID leaf 15h says is wrong on some machines
}

void processor_pause(void)
{
	__asm__ volatile("pause");
}

bool processor_random(uint64_t *number)
{
	uint32_t regs[4];
	uint8_t good = 0;

	cpuid(1, regs);
	if (!(regs[2] & 1u << 30))
		return false;
	for (int try = 0; try < RDRAND_TRIES && !good; try++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*number), "=qm"(good) : : "cc");
	return good;
}

struct platform_cpu processor_features(void)
{
	struct platform_cpu cpu = {0};
	uint32_t regs[4];

	cpuid(1, regs);
	cpu.signature = regs[0];
	cpu.ecx = regs[2];
	cpu.edx = regs[3];
	cpuid(0x80000001, regs); // every 64-bit processor has it
	cpu.extended_ecx = regs[2];
	cpu.extended_edx = regs[3];
	return cpu;
}

uint16_t processor_arch(void)
{
	return ARCH_X64;
}

const struct packed_kernel *processor_packing(void)
{
	return NULL;
}

const struct device_tree_ops *processor_trees(void)
{
	return NULL;
}
