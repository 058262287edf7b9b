// SPDX-License-Identifier: BSD-2-Clause
// Sixteen bytes that a neighbour cannot guess: RDRAND where there is one, the time-stamp counter
// between the I/O ports of two unsynchronised clocks, the time of day, the UUID, the ROM's packets.
// None can take away from another (random_stir).
#include "bios/clock.h"
#include "bios/io.h"
#include "bios/real.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"
#include "netstack/base/random.h"

enum { RDRAND_TRIES = 10, JITTER_SAMPLES = 64 };

static void stir(uint8_t seed[16], uint32_t a, uint32_t b)
{
	const uint32_t words[2] = {a, b};

	random_stir(seed, words, sizeof words);
}

static uint32_t rdrand(void)
{
	uint32_t value, try;
	uint8_t good = 0;

	for (try = 0; try < RDRAND_TRIES && !good; try++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=qm"(good) : : "cc");
	return good ? value : 0;
}

static void stir_rdrand(uint8_t seed[16])
{
	uint32_t regs[4];
	unsigned i;

	if (!clock_cpuid(1, regs) || !(regs[2] & 1u << 30))
		return;
	for (i = 0; i < 4; i++)
		stir(seed, rdrand(), rdrand());
}

static uint32_t timer_chip(void)
{
	out8(0x43, 0); // latch channel 0
	return in8(0x40) | (uint32_t)in8(0x40) << 8;
}

static uint32_t time_of_day(uint8_t index)
{
	out8(0x70, index | 0x80);
	return in8(0x71);
}

void platform_entropy(uint8_t seed[16])
{
	const struct platform_identity *id = platform_identity();
	unsigned i;

	memset(seed, 0, 16);
	for (i = 0; i < JITTER_SAMPLES; i++)
		stir(seed, clock_has_tsc() ? (uint32_t)clock_tsc() : 0, timer_chip());
	for (i = 0; i < 10; i++)
		stir(seed, time_of_day((uint8_t)i), peek32(0x46c));
	out8(0x70, 0x0d); // NMI on again
	in8(0x71);
	random_stir(seed, id->uuid, 16);
	if (id->boot_nic)
		random_stir(seed, id->boot_nic->hwaddr, 8);
	random_stir(seed, id->discover.bytes, id->discover.length);
	random_stir(seed, id->ack.bytes, id->ack.length);
	stir_rdrand(seed);
}
