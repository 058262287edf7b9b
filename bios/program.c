// SPDX-License-Identifier: BSD-2-Clause
// Starting another boot program. A network boot program gets what PXE 2.1, section 2.4.1.1, says,
// that is what we had ourselves: registers, stack, ES:BX -> PXENV+, SS:SP+4 -> !PXE, the ROM's
// driver in memory and closed (GRUB and iPXE leave it so to others; a ROM opens it again for its
// own UDP and TFTP). What begins from a disk gets its number in DL, and no network.
#include "bios/console.h"
#include "bios/leave.h"
#include "bios/memory.h"
#include "bios/real.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum {
	ROOM = 4096,         // for code_start and, where the ROM's stack cannot be used, a stack
	LOWEST = 0x500,      // BIOS data area below
	SAVED = 44,          // entry.S
	REGISTERS = 40,      // of these
	BASE_MEMORY = 0x413, // BIOS data area, KiB
	DISK_VECTOR = 0x13 * 4,
	NETWORK_STACK = 1536, // bytes that a network boot program may use
};

struct pseudo {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

// program_code.S reads it by these offsets.
struct program_data {
	uint16_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint32_t stack; // segment:offset, as the following
	uint32_t target, here;
	struct pseudo gdt, idt;
	struct platform_piece pieces[PLATFORM_PIECES + 1];
	uint16_t table[3][4];
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct program_data) == 136 &&
		       offsetof(struct program_data, stack) == REGISTERS &&
		       offsetof(struct program_data, pieces) == 64,
	"program_code.S");

extern const uint8_t code_start[], code_data[], code_end[], code_real[];
extern const uint8_t swap_start[], swap_data[], swap_end[];
extern const uint8_t image_end[]; // lanyard.ld
extern uint32_t real_stack;       // entry.S: what the ROM had pushed, and what entry.S did

static bool lies_in(const struct platform_piece *p, uint32_t at)
{
	return at >= p->to && at - p->to < p->size;
}

static bool check(const struct platform_program *program, uint32_t place, struct fault *fault)
{
	if (place < (uint32_t)(uintptr_t)image_end)
		return fault_set(fault, FAULT_MEMORY, "below 640 KiB for another boot program");
	for (int i = 0; i < PLATFORM_PIECES; i++) {
		const struct platform_piece *p = &program->pieces[i];

		if (p->size && (p->to < LOWEST || p->to >= place || p->size > place - p->to))
			return fault_set(fault, FAULT_MEMORY,
				"for another boot program: it has %u bytes for "
				"address 0x%x, and what lies from 0x%x on is in use",
				p->size, p->to, place);
	}
	return true;
}

// The stack that the ROM gave us, as it was; where it could not be kept or is about to be
// overwritten, one of ours, with the same on it.
static void set_network(
	struct program_data *d, const struct platform_program *program, uint32_t place)
{
	const uint32_t stack = linear_of(real_stack) + SAVED;
	uint32_t *ours = (uint32_t *)(uintptr_t)(place + ROOM - 16);

	d->es = (uint16_t)(entry_pxenv >> 16);
	d->ebx = entry_pxenv & 0xffff;
	d->edx = linear_of(entry_pxenv);
	if (entry_returnable)
		memcpy(d, (const void *)at_address(linear_of(real_stack)), REGISTERS);
	d->stack = real_stack + SAVED;
	if (entry_returnable && !lies_in(&program->pieces[0], stack) &&
		!lies_in(&program->pieces[0], stack - NETWORK_STACK))
		return;
	ours[0] = 0xf000fff0; // who returns restarts the machine
	ours[1] = entry_bang_pxe;
	d->stack = far_of(ours);
}

static void set_disk(struct program_data *d, const struct platform_program *program)
{
	d->edx = d->ebx = program->drive;
	d->eax = program->eax;
	d->ds = program->ds;
	d->esi = d->ebp = program->si;
	d->stack = program->start == 0x7c00 ? 0x7c00 : program->start & 0xffff0000;
}

// Puts the code between the BIOS and everybody else, at the top of what is free of base memory: an
// EBDA may begin below the BIOS's own word of where it ends.
static void install_swap(uint8_t drive)
{
	volatile uint16_t *base = (volatile uint16_t *)at_address(BASE_MEMORY);
	volatile uint32_t *vector = (volatile uint32_t *)at_address(DISK_VECTOR);
	uint8_t *to, *data;

	*base = (uint16_t)(memory_base_end() / 1024 - 1);
	to = (uint8_t *)((uintptr_t)*base << 10);
	data = to + (swap_data - swap_start);
	memcpy(to, swap_start, (size_t)(swap_end - swap_start));
	memcpy(data, (const void *)vector, 4);
	data[4] = drive;
	data[5] = drive & 0x80;
	*vector = far_of(to);
}

// Three descriptors: none, 64 KiB of code from `place` on, 64 KiB of data from 0 on.
static void set_table(struct program_data *d, uint32_t place)
{
	const uint32_t at = place + (uint32_t)(code_data - code_start);

	d->table[1][0] = d->table[2][0] = 0xffff;
	d->table[1][1] = (uint16_t)place;
	d->table[1][2] = (uint16_t)(0x9b00 | place >> 16);
	d->table[2][2] = 0x9300;
	d->gdt = (struct pseudo){sizeof d->table - 1, at + offsetof(struct program_data, table)};
	d->idt = (struct pseudo){0x3ff, 0};
	d->here = place >> 4 << 16 | (uint32_t)(uintptr_t)code_real;
}

bool platform_boot_program(const struct platform_program *program, struct fault *fault)
{
	const uint32_t place = (memory_base_end() - ROOM) & ~0xfffu;
	struct program_data *d =
		(struct program_data *)(uintptr_t)(place + (uint32_t)(code_data - code_start));
	void (*start)(uint32_t here) = (void (*)(uint32_t))(uintptr_t)place;
	int count = 0;

	if (!check(program, place, fault))
		return false;
	leave_network(program->network || program->keep_pxe);
	console_flush();
	memcpy((void *)(uintptr_t)place, code_start, (size_t)(code_end - code_start));
	memset(d, 0, sizeof *d);
	for (int i = 0; i < PLATFORM_PIECES; i++)
		if (program->pieces[i].size)
			d->pieces[count++] = program->pieces[i];
	d->target = program->start;
	set_table(d, place);
	if (program->network)
		set_network(d, program, place);
	else
		set_disk(d, program);
	if (program->swap && program->drive != (program->drive & 0x80)) {
		install_swap(program->drive);
		d->edx = d->ebx = program->drive & 0x80;
	}
	start(place);
	__builtin_unreachable();
}
