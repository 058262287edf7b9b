// SPDX-License-Identifier: BSD-2-Clause
// The mask registers, and the real-mode vectors 08h-0fh and 70h-77h that the BIOS gives to the lines.
#include "bios/pic.h"
#include "bios/io.h"
#include "bios/real.h"

enum { MASTER = 0x21, SLAVE = 0xa1 };

extern uint16_t irq_port; // entry.S
extern uint8_t irq_bit;
extern const uint8_t irq_handler[];
extern volatile uint32_t irq_count;

static uint16_t line;      // 0: none taken
static uint32_t vector_was;
static bool mask_was;
static bool open;          // unmasked, unless an interrupt has come since
static uint32_t open_at;   // irq_count then

static volatile uint32_t *vector(void)
{
	return (volatile uint32_t *)at_address((line < 8 ? 0x08 + line : 0x70 + line - 8) * 4u);
}

static void set_mask(bool masked)
{
	uint8_t now = in8(irq_port);

	out8(irq_port, masked ? now | irq_bit : now & (uint8_t)~irq_bit);
}

bool pic_take(uint16_t irq)
{
	if (irq <= 2 || irq >= 16 || irq == 8 || line)
		return false;
	line = irq;
	irq_port = irq < 8 ? MASTER : SLAVE;
	irq_bit = (uint8_t)(1 << (irq & 7));
	mask_was = in8(irq_port) & irq_bit;
	set_mask(true);
	vector_was = *vector();
	*vector() = (uint32_t)(uintptr_t)irq_handler;
	return true;
}

void pic_give_back(void)
{
	if (!line)
		return;
	*vector() = vector_was;
	set_mask(mask_was);
	open = false;
	line = 0;
}

void pic_mask(void)
{
	if (line && open)
		set_mask(true);
	open = false;
}

// Port accesses are slow: none while the line is still open.
void pic_unmask(void)
{
	if (!line || (open && open_at == irq_count))
		return;
	open = true;
	open_at = irq_count;
	set_mask(false);
}

uint32_t pic_count(void)
{
	return irq_count;
}
