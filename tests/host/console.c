// SPDX-License-Identifier: BSD-2-Clause
// The console on standard error, where it is wanted, and keys from the command line.
#include "bootloader/console_ansi.h"
#include "tests/host/host.h"

#include <stdio.h>

void platform_putc(char c)
{
	if (options.show)
		fputc(c, stderr);
}

static void show(const struct text *sequence)
{
	if (options.show)
		fputs(sequence->start, stderr);
}

void platform_goto(unsigned row, unsigned column)
{
	char buffer[16];
	struct text sequence = text_of(buffer, sizeof buffer);

	ansi_goto(&sequence, row, column);
	show(&sequence);
}

void platform_colour(uint8_t colour)
{
	char buffer[16];
	struct text sequence = text_of(buffer, sizeof buffer);

	ansi_colour(&sequence, colour);
	show(&sequence);
}

void platform_clear(void)
{
	char buffer[16];
	struct text sequence = text_of(buffer, sizeof buffer);

	ansi_clear(&sequence);
	show(&sequence);
}

void platform_screen(bool on)
{
	json_begin("screen");
	json_bool("on", on);
	json_end();
}

bool platform_serial(uint32_t port, uint32_t baud, uint32_t flow)
{
	json_begin("serial");
	json_number("port", port);
	json_number("baud", baud);
	json_number("flow", flow);
	json_end();
	return true;
}

int platform_getkey(void)
{
	return host_key();
}

bool platform_shift_held(void)
{
	return options.shift;
}
