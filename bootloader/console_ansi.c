// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/console_ansi.h"
#include "netstack/base/text.h"

enum { SEQUENCE = 16 }; // bytes of the longest one

static void send(void (*put)(char c), const struct text *sequence)
{
	for (size_t i = 0; i < sequence->length; i++)
		put(sequence->start[i]);
}

void ansi_goto(void (*put)(char c), unsigned row, unsigned column)
{
	char buffer[SEQUENCE];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "\033[%u;%uH", row + 1, column + 1);
	send(put, &t);
}

// VGA has blue in bit 0 and red in bit 2, ECMA-48 the other way round.
static unsigned swapped(unsigned colour)
{
	return (colour & 1) << 2 | (colour & 2) | (colour & 4) >> 2;
}

// 7 is the terminal's own way of showing text.
void ansi_colour(void (*put)(char c), uint8_t colour)
{
	char buffer[SEQUENCE];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "\033[0");
	if (colour & 8)
		text_format(&t, ";1");
	if ((colour & 7) != 7)
		text_format(&t, ";3%u", swapped(colour));
	if (colour >> 4)
		text_format(&t, ";4%u", swapped(colour >> 4));
	text_putc(&t, 'm');
	send(put, &t);
}

void ansi_clear(void (*put)(char c))
{
	char buffer[SEQUENCE];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "\033[2J\033[H");
	send(put, &t);
}
