// SPDX-License-Identifier: BSD-2-Clause
// Screen (INT 10h teletype: right in text and graphics modes, and with the BIOS's own redirection),
// keyboard (INT 16h), and the serial port beside both. Characters wait here and go to the screen
// with one visit to real mode.
#include "bios/clock.h"
#include "bios/console.h"
#include "bios/real.h"
#include "bios/serial.h"
#include "bootloader/console_ansi.h"
#include "bootloader/serial_keys.h"
#include "bootloader/platform.h"

enum {
	SCREEN_QUEUE = 256,
	KEYBOARD_FLAGS = 0x417,   // BIOS data area: shift 0-1, Alt 3, Scroll Lock 4, Caps Lock 6
	KEYBOARD_HEAD = 0x41a,    // equal to the next word when no key waits
	KEYBOARD_ENHANCED = 0x496, // bit 4: 101 keys
	USUAL = 7,                // the colour that needs no care
	KEYBOARD_MS = 50,         // ask at least so often: some BIOSes read USB keyboards only then
};

static char screen[SCREEN_QUEUE];
static uint16_t screen_used;
static uint8_t colour = USUAL;
static bool painted; // what is on the screen may have other colours
static bool screen_off;
static uint64_t keyboard_asked;
static struct serial_keys keys;

static void show(void)
{
	uint16_t used = screen_used;

	if (!used)
		return;
	screen_used = 0;
	real_visit(rm_print, (uint32_t)(uintptr_t)screen,
		(colour == USUAL && !painted ? 0 : (uint32_t)colour << 16) | used);
}

void console_pump(void)
{
	show();
	serial_pump();
}

void console_flush(void)
{
	show();
	serial_flush();
}

static void put(char c)
{
	if (screen_used == SCREEN_QUEUE)
		show();
	if (!screen_off)
		screen[screen_used++] = c;
	serial_put(c);
}

void platform_putc(char c)
{
	if (c == '\n')
		put('\r');
	put(c);
}

static void move(unsigned row, unsigned column)
{
	struct real_regs regs = {.eax = 0x200, .edx = row << 8 | column};

	show();
	if (!screen_off)
		real_int(0x10, &regs);
}

void platform_goto(unsigned row, unsigned column)
{
	move(row, column);
	painted = true;
	ansi_goto(serial_put, row, column);
}

void platform_colour(uint8_t wanted)
{
	show();
	colour = wanted & 0x7f;
	ansi_colour(serial_put, colour);
}

// Scrolling by no lines empties the window (INT 10h, AH 6).
void platform_clear(void)
{
	struct real_regs regs = {.eax = 0x600, .ebx = (uint32_t)colour << 8, .edx = 24 << 8 | 79};

	show();
	if (!screen_off)
		real_int(0x10, &regs);
	move(0, 0);
	painted = false;
	ansi_clear(serial_put);
}

void platform_screen(bool on)
{
	show();
	screen_off = !on;
}

bool platform_serial(uint32_t port, uint32_t baud, uint32_t flow)
{
	serial_flush();
	return serial_open(port, baud, flow);
}

// Scan codes of keys without a character.
static int special_key(uint8_t scan)
{
	static const struct {
		uint8_t scan;
		uint16_t key;
	} table[] = {
		{0x48, KEY_UP}, {0x50, KEY_DOWN}, {0x4b, KEY_LEFT}, {0x4d, KEY_RIGHT},
		{0x47, KEY_HOME}, {0x4f, KEY_END}, {0x49, KEY_PAGE_UP}, {0x51, KEY_PAGE_DOWN},
		{0x52, KEY_INSERT}, {0x53, KEY_DELETE}, {0x85, KEY_F1 + 10}, {0x86, KEY_F12},
	};
	unsigned i;

	if (scan >= 0x3b && scan <= 0x44)
		return KEY_F1 + (scan - 0x3b);
	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].scan == scan)
			return table[i].key;
	return KEY_NONE;
}

static int keyboard_key(void)
{
	uint32_t enhanced = peek16(KEYBOARD_ENHANCED) & 0x10 ? 0x1000 : 0;
	struct real_regs regs = {.eax = enhanced + 0x100};
	uint64_t now = clock_now();
	uint8_t ascii;

	if (peek16(KEYBOARD_HEAD) == peek16(KEYBOARD_HEAD + 2) && now - keyboard_asked < KEYBOARD_MS)
		return KEY_NONE;
	keyboard_asked = now;
	real_int(0x16, &regs);
	if (regs.flags & REAL_ZERO)
		return KEY_NONE;
	regs.eax = enhanced;
	real_int(0x16, &regs);
	ascii = (uint8_t)regs.eax;
	if (ascii == 0 || (ascii == 0xe0 && (regs.eax & 0xff00)))
		return special_key((uint8_t)(regs.eax >> 8));
	return ascii < 0x80 ? ascii : KEY_NONE;
}

static int serial_key(void)
{
	int byte, key;

	while ((byte = serial_get()) >= 0) {
		key = serial_keys_byte(&keys, (uint8_t)byte, clock_now());
		if (key != KEY_NONE)
			return key;
	}
	return serial_keys_time(&keys, clock_now());
}

int platform_getkey(void)
{
	int key;

	console_pump();
	key = serial_key();
	return key != KEY_NONE ? key : keyboard_key();
}

bool platform_shift_held(void)
{
	return peek16(KEYBOARD_FLAGS) & 0x5b;
}
