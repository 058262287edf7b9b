// SPDX-License-Identifier: BSD-2-Clause
// The time-stamp counter, measured once against the timer chip (8254, channel 2, gated through port
// 61h, as PCs have it since 1984). Processors without one count the BIOS's 55 ms ticks, which then
// only move while we visit real mode.
//
// An SMI in the middle of a measurement makes it too long, never too short: the smallest counts.
#include "bios/clock.h"
#include "bios/io.h"
#include "bios/pic.h"
#include "bios/real.h"

enum {
	PIT_HZ = 1193182,
	MEASURE_MS = 10,
	MEASURE_RUNS = 3,
	MEASURE_LIMIT = 2000000, // port reads; a chip that stands still must not hang us
	FALLBACK_KHZ = 2000000,
	TICKS = 0x46c,           // BIOS data area
	TICKS_A_DAY = 0x1800b0,
};

static bool has_tsc;
static uint32_t khz;
static uint64_t tsc_start;
static uint32_t tick_last, tick_total;

bool clock_cpuid(uint32_t leaf, uint32_t regs[4])
{
	uint32_t before, after, max;

	regs[0] = regs[1] = regs[2] = regs[3] = 0;
	__asm__ volatile("pushf; pop %0; mov %0, %1; xor $0x200000, %0; push %0; popf; pushf; pop %0;"
			 "push %1; popf" : "=&r"(after), "=&r"(before) : : "cc");
	if (!((before ^ after) & 0x200000))
		return false;
	__asm__ volatile("cpuid" : "=a"(max) : "a"(leaf & 0x80000000) : "ebx", "ecx", "edx");
	if (leaf > max)
		return false;
	__asm__ volatile("cpuid" : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]), "=d"(regs[3])
		: "a"(leaf), "c"(0));
	return true;
}

uint64_t clock_tsc(void)
{
	uint64_t tsc;

	__asm__ volatile("rdtsc" : "=A"(tsc));
	return tsc;
}

// TSC steps in MEASURE_MS; 0 if the timer does not run.
static uint32_t measure(void)
{
	uint32_t count = PIT_HZ / 1000 * MEASURE_MS;
	uint8_t port61 = in8(0x61);
	uint32_t limit = MEASURE_LIMIT;
	uint64_t start;

	out8(0x61, (port61 & 0xfc) | 1);  // gate on, speaker off
	out8(0x43, 0xb0);                 // channel 2, both bytes, mode 0: OUT rises at zero
	out8(0x42, count & 0xff);
	out8(0x42, count >> 8);
	start = clock_tsc();
	while (!(in8(0x61) & 0x20) && --limit)
		;
	start = clock_tsc() - start;
	out8(0x61, port61);
	return limit && start < UINT32_MAX ? (uint32_t)start : 0;
}

static uint32_t measure_khz(void)
{
	uint32_t best = UINT32_MAX, run, steps, regs[4];

	for (run = 0; run < MEASURE_RUNS; run++) {
		steps = measure();
		if (steps == 0)
			break;
		if (steps < best)
			best = steps;
	}
	if (run == MEASURE_RUNS && best / MEASURE_MS > 1000)
		return best / MEASURE_MS;
	if (clock_cpuid(0x16, regs) && (regs[0] & 0xffff)) // base frequency in MHz
		return (regs[0] & 0xffff) * 1000;
	return FALLBACK_KHZ;
}

void clock_init(void)
{
	uint32_t regs[4];

	has_tsc = clock_cpuid(1, regs) && (regs[3] & 0x10);
	tick_last = peek32(TICKS);
	if (!has_tsc)
		return;
	khz = measure_khz();
	tsc_start = clock_tsc();
}

bool clock_has_tsc(void)
{
	return has_tsc;
}

static uint64_t from_ticks(void)
{
	uint32_t now = peek32(TICKS);

	tick_total += now >= tick_last ? now - tick_last : now + TICKS_A_DAY - tick_last;
	tick_last = now;
	return (uint64_t)tick_total * 55;
}

// 64 by 32 bits in two steps, as on paper; the compiler would call a library.
static uint64_t divide(uint64_t dividend, uint32_t divisor)
{
	uint32_t high = (uint32_t)(dividend >> 32), low = (uint32_t)dividend, rest = high % divisor;

	high /= divisor;
	__asm__("divl %2" : "+a"(low), "+d"(rest) : "r"(divisor) : "cc");
	return (uint64_t)high << 32 | low;
}

uint64_t clock_steps(void)
{
	return has_tsc ? clock_tsc() : 0;
}

uint32_t clock_steps_ms(uint64_t steps)
{
	return has_tsc ? (uint32_t)divide(steps, khz) : 0;
}

uint64_t clock_now(void)
{
	return has_tsc ? divide(clock_tsc() - tsc_start, khz) : from_ticks();
}

void clock_wait(uint32_t ms)
{
	uint64_t until = clock_now() + ms;

	while (clock_now() < until)
		if (!has_tsc)
			real_visit(rm_rest, pic_count(), 0);
}

void clock_spin(uint32_t us)
{
	uint64_t start;

	if (!has_tsc)
		return;
	start = clock_tsc();
	while (clock_tsc() - start < khz / 1000 * us)
		__asm__ volatile("pause");
}
