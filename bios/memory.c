// SPDX-License-Identifier: BSD-2-Clause
// Memory by INT 15h: E820, else E801, else 88h; base memory by INT 12h's word in the BIOS data area.
// Only what lies between 1 MiB and 4 GiB is of use here: we run below, and 32-bit code does not
// reach above.
//
// A kernel's protected-mode part goes to its preferred address with init_size bytes of room. The
// file's setup part comes first in the file, so the file starts setup_size lower; where that is not
// free (a kernel for 1 MiB, or a hole below 16 MiB), the file is placed at the target itself and
// moved down when it starts.
#include "bios/io.h"
#include "bios/memory.h"
#include "bios/memory_map.h"
#include "bios/real.h"
#include "bootloader/platform.h"

enum {
	BASE_MEMORY = 0x413,  // BIOS data area, KiB
	EBDA = 0x40e,         // BIOS data area, segment
	E820_RECORDS = 256,   // a BIOS that never ends must not hang us
	KIB = 1024,
	MIB = 1024 * 1024,
	PAGE = 4096,
};

static const uint64_t four_gib = 1ull << 32;
static struct memory_map map;
static uint64_t kernel_start, kernel_end, kernel_target; // 0: no kernel reserved

// ---- the A20 gate --------------------------------------------------------------------------------

// Whether 1 MiB is another byte than 0: a test word is changed at the vector of INT 80h, which
// nobody uses, and must not change 1 MiB above.
static bool a20_open(void)
{
	volatile uint32_t *low = (volatile uint32_t *)at_address(0x200);
	volatile uint32_t *high = (volatile uint32_t *)at_address(0x100200);
	uint32_t saved = *low;
	bool open = false;
	int i;

	for (i = 0; i < 32 && !open; i++) {
		*low = saved + (uint32_t)i + 1;
		in8(0x80);
		open = *low != *high;
	}
	*low = saved;
	return open;
}

static void keyboard_ready(void)
{
	uint32_t limit = 100000;

	while ((in8(0x64) & 2) && --limit)
		;
}

static void open_a20(void)
{
	struct real_regs regs = {.eax = 0x2401};

	if (a20_open())
		return;
	real_int(0x15, &regs);
	if (a20_open())
		return;
	keyboard_ready();
	out8(0x64, 0xd1);
	keyboard_ready();
	out8(0x60, 0xdf);
	keyboard_ready();
	if (a20_open())
		return;
	out8(0x92, (in8(0x92) | 2) & ~1); // bit 0 would reset the machine
}

// ---- the BIOS's map ------------------------------------------------------------------------------

struct e820 { // the 20-byte form: the extended attributes of ACPI 3 are garbage in some BIOSes
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static uint64_t clip(uint64_t address)
{
	return address < MIB ? MIB : address > four_gib ? four_gib : address;
}

// Usable memory is added in the first pass, everything else taken out in the second. Pages that are
// not whole are left.
static void take_record(const struct e820 *r, bool usable)
{
	uint64_t end = r->base + r->length < r->base ? UINT64_MAX : r->base + r->length;

	if (r->length == 0 || (r->type == 1) != usable)
		return;
	if (usable)
		memory_map_add(&map, (clip(r->base) + PAGE - 1) & -(uint64_t)PAGE,
			clip(end) & -(uint64_t)PAGE);
	else
		memory_map_remove(&map, clip(r->base) & -(uint64_t)PAGE,
			(clip(end) + PAGE - 1) & -(uint64_t)PAGE);
}

static bool read_e820(bool usable)
{
	struct real_regs regs = {.ebx = 0};
	struct e820 record;
	int i;

	for (i = 0; i < E820_RECORDS; i++) {
		regs.eax = 0xe820;
		regs.edx = 0x534d4150; // "SMAP"
		regs.ecx = sizeof record;
		regs.es = (uint16_t)(far_of(&record) >> 16);
		regs.edi = far_of(&record) & 0xffff;
		real_int(0x15, &regs);
		if (regs.eax != 0x534d4150 || (regs.flags & REAL_CARRY))
			break;
		take_record(&record, usable);
		if (regs.ebx == 0)
			break;
	}
	return map.count > 0;
}

static bool read_e801(void)
{
	struct real_regs regs = {.eax = 0xe801};
	uint32_t below16, above16;

	real_int(0x15, &regs);
	if (regs.flags & REAL_CARRY)
		return false;
	below16 = regs.eax & 0xffff ? regs.eax & 0xffff : regs.ecx & 0xffff; // KiB
	above16 = regs.eax & 0xffff ? regs.ebx & 0xffff : regs.edx & 0xffff; // 64 KiB
	if (below16 > 15 * KIB)
		return false;
	memory_map_add(&map, MIB, MIB + below16 * KIB);
	if (above16)
		memory_map_add(&map, 16 * MIB, 16 * MIB + (uint64_t)above16 * 64 * KIB);
	return map.count > 0;
}

static void read_88(void)
{
	struct real_regs regs = {.eax = 0x8800};

	real_int(0x15, &regs);
	if (!(regs.flags & REAL_CARRY))
		memory_map_add(&map, MIB, MIB + (regs.eax & 0xffff) * KIB);
}

void memory_init(void)
{
	open_a20();
	if (read_e820(true))
		read_e820(false);
	else if (!read_e801())
		read_88();
}

uint32_t memory_base_end(void)
{
	uint32_t end = (uint32_t)peek16(BASE_MEMORY) * KIB;
	uint32_t ebda = (uint32_t)peek16(EBDA) << 4;

	if (end > 0xa0000 || end < 0x20000)
		end = 0x9f000;
	return ebda >= 0x40000 && ebda < end ? ebda : end;
}

// ---- taking and giving back ----------------------------------------------------------------------

static uint8_t *take(uint64_t at, uint64_t size)
{
	memory_map_remove(&map, at, at + size);
	return (uint8_t *)(uintptr_t)at;
}

uint8_t *platform_reserve(const struct platform_place *want)
{
	uint64_t at;

	return memory_map_find(&map, want, &at) ? take(at, want->size) : NULL;
}

// A kernel's place is larger than its file.
void platform_release(uint8_t *at, uint64_t size)
{
	uint64_t start = (uintptr_t)at;

	if (size == 0)
		return;
	memory_map_add(&map, start, start == kernel_start ? kernel_end : start + size);
	if (start == kernel_start)
		kernel_start = 0;
}

uint64_t platform_memory_free(void)
{
	return memory_map_total(&map);
}

// The whole need of a kernel whose file is `size` bytes, from its target on.
static uint64_t kernel_room(const struct linux_image *image, uint64_t size)
{
	return image->init_size > size ? image->init_size : size;
}

static bool find_target(const struct linux_image *image, uint64_t room, uint64_t *target)
{
	struct platform_place place = {
		.size = room,
		.min = image->pref_address,
		.max = four_gib - 1,
		.align = image->alignment > PAGE ? image->alignment : PAGE,
	};

	*target = image->pref_address;
	if (memory_map_has(&map, *target, *target + room))
		return true;
	return image->relocatable && memory_map_find(&map, &place, target);
}

uint8_t *platform_reserve_kernel(const struct linux_image *image, uint64_t size,
	struct fault *fault)
{
	uint64_t room = kernel_room(image, size), setup = image->setup_size, target, start;

	if (size <= setup || size >= four_gib || !find_target(image, room, &target)) {
		fault_set(fault, FAULT_MEMORY, "for the kernel: it needs %u MiB from %u MiB on in one "
			"piece, and %u MiB are free in all", (unsigned)((room + MIB - 1) >> 20),
			(unsigned)(image->pref_address >> 20), (unsigned)(platform_memory_free() >> 20));
		return NULL;
	}
	start = memory_map_has(&map, target - setup, target + room) ? target - setup : target;
	kernel_start = start;
	kernel_end = target + room;
	kernel_target = target;
	return take(start, kernel_end - start);
}

uint32_t memory_kernel_target(void)
{
	return (uint32_t)kernel_target;
}
