// SPDX-License-Identifier: BSD-2-Clause
#include "bios/pic.h"
#include "bios/io.h"

static uint16_t port(uint16_t irq)
{
	return irq < 8 ? 0x21 : 0xa1;
}

static uint8_t bit(uint16_t irq)
{
	return (uint8_t)(1 << (irq & 7));
}

static bool plausible(uint16_t irq)
{
	return irq > 2 && irq < 16 && irq != 8;
}

void pic_mask(uint16_t irq)
{
	if (plausible(irq))
		out8(port(irq), in8(port(irq)) | bit(irq));
}

void pic_unmask(uint16_t irq)
{
	if (plausible(irq))
		out8(port(irq), in8(port(irq)) & (uint8_t)~bit(irq));
}

bool pic_is_masked(uint16_t irq)
{
	return !plausible(irq) || (in8(port(irq)) & bit(irq));
}
