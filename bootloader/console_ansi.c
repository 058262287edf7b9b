// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/console_ansi.h"

void ansi_goto(struct text *to, unsigned row, unsigned column)
{
	text_format(to, "\033[%u;%uH", row + 1, column + 1);
}

// VGA has blue in bit 0 and red in bit 2, ECMA-48 the other way round.
static unsigned swapped(unsigned colour)
{
	return (colour & 1) << 2 | (colour & 2) | (colour & 4) >> 2;
}

// 7 is the terminal's own way of showing text.
void ansi_colour(struct text *to, uint8_t colour)
{
	text_format(to, "\033[0");
	if (colour & 8)
		text_format(to, ";1");
	if ((colour & 7) != 7)
		text_format(to, ";3%u", swapped(colour));
	if (colour >> 4)
		text_format(to, ";4%u", swapped(colour >> 4));
	text_putc(to, 'm');
}

void ansi_clear(struct text *to)
{
	text_format(to, "\033[2J\033[H");
}
