// SPDX-License-Identifier: BSD-2-Clause
// Real mode seen from 32-bit C. All of lanyard.0, its variables and its stack lie below 640 KiB, so
// every pointer of ours (except into memory that platform_reserve gave) can be handed to the
// firmware as segment:offset.
//
// A visit switches to real mode, runs one 16-bit routine of entry.S on the stack that the PXE ROM
// gave us, with interrupts on, and comes back. Visits never nest.
#pragma once

#include <stdint.h>

// Registers before and after a BIOS call; the order is entry.S's.
struct real_regs {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint16_t ds, es;
	uint16_t flags; // after the call
	uint16_t pad;
	uint32_t target; // segment:offset, set by real_int
};

enum { REAL_CARRY = 1, REAL_ZERO = 0x40 }; // bits of real_regs.flags

// The 16-bit routines (offsets in segment 0), for real_visit only.
extern const uint8_t rm_int[], rm_pxe[], rm_exchange[], rm_print[], rm_rest[];
extern const uint8_t rm_linux[], rm_exit[], rm_int18[], rm_reset[]; // these do not come back

// Runs `routine` in real mode with edx = a, ecx = b; gives its eax. Counts in real_visits.
uint32_t real_visit(const void *routine, uint32_t a, uint32_t b);
extern uint32_t real_visits;

// What the entry code found: the PXE ROM's pointers as segment:offset, base memory in KiB (INT 12h).
extern uint32_t entry_pxenv, entry_bang_pxe;
extern uint16_t entry_base_memory;
extern uint32_t pxe_entry;      // API entry point for rm_pxe and the UNDI exchange
extern uint16_t entry_returnable; // 0 where the ROM's stack lay in our way and could not be kept

static inline uint32_t far_of(const volatile void *at)
{
	uint32_t linear = (uint32_t)(uintptr_t)at;

	return (linear >> 4) << 16 | (linear & 15);
}

static inline uint32_t linear_of(uint32_t segment_offset)
{
	return (segment_offset >> 16 << 4) + (segment_offset & 0xffff);
}

// An address below 1 MiB that is not one of our objects: BIOS data area, ROMs, vectors. The empty
// assembly hides the constant from warnings about such addresses.
static inline volatile uint8_t *at_address(uint32_t linear)
{
	uint8_t *at = (uint8_t *)(uintptr_t)linear;

	__asm__("" : "+r"(at));
	return at;
}

static inline uint16_t peek16(uint32_t linear)
{
	return *(volatile uint16_t *)at_address(linear);
}

static inline uint32_t peek32(uint32_t linear)
{
	return *(volatile uint32_t *)at_address(linear);
}

// The BIOS service `vector`, through whatever handler is installed now.
static inline void real_int(uint8_t vector, struct real_regs *regs)
{
	regs->target = peek32(vector * 4u);
	real_visit(rm_int, (uint32_t)(uintptr_t)regs, 0);
}
