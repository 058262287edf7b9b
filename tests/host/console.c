// SPDX-License-Identifier: BSD-2-Clause
// The console on standard error, where it is wanted, and keys from the command line.
#include "bootloader/console_ansi.h"
#include "tests/host/host.h"
#include "tests/host/player.h"

#include <stdio.h>

void platform_putc(char c)
{
	if (options.show)
		fputc(c, stderr);
}

void platform_goto(unsigned row, unsigned column)
{
	ansi_goto(platform_putc, row, column);
}

void platform_colour(uint8_t colour)
{
	ansi_colour(platform_putc, colour);
}

void platform_clear(void)
{
	ansi_clear(platform_putc);
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
	return player_of_machine() ? player_shift() : options.shift;
}
