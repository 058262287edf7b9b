// SPDX-License-Identifier: BSD-2-Clause
// ConOut and ConIn: screen and keyboard, and whatever else the firmware's setup has made a console,
// often a serial port. Characters wait here and go out together: each call may redraw the screen.
#include "efi/console.h"
#include "efi/firmware.h"
#include "efi/serial.h"
#include "bootloader/console_ansi.h"
#include "bootloader/platform.h"

enum {
	QUEUE = 160,
	COLUMNS = 80, ROWS = 25, // what every console can do, as mode 0 (UEFI 2.10, section 12.4)
};

static const EFI_GUID input_guid = EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID;

static CHAR16 queue[QUEUE + 1];
static unsigned used;
static bool screen_off;
static EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *input; // NULL: the simple one only
static uint32_t held;                            // shift state at the last look
static uint8_t toggled;

// Some firmware leaves a screen smaller than the lines that we draw over.
static void resize(void)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware_table->ConOut;
	UINTN columns = 0, rows = 0;

	if (out && out->Mode && (out->QueryMode(out, (UINTN)out->Mode->Mode, &columns, &rows) ||
		columns < COLUMNS || rows < ROWS))
		out->SetMode(out, 0);
}

// Shift alone is a key, too, where the firmware can do that.
void console_init(void)
{
	EFI_KEY_TOGGLE_STATE exposed = EFI_TOGGLE_STATE_VALID | EFI_KEY_STATE_EXPOSED;

	resize();
	if (firmware_table->ConOut)
		firmware_table->ConOut->EnableCursor(firmware_table->ConOut, TRUE);
	input = firmware_protocol(firmware_table->ConsoleInHandle, &input_guid);
	if (input)
		input->SetState(input, &exposed);
}

void console_flush(void)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware_table->ConOut;

	if (used && out) {
		queue[used] = 0;
		out->OutputString(out, queue);
	}
	used = 0;
	serial_flush();
}

static void put(char c)
{
	if (used == QUEUE)
		console_flush();
	if (!screen_off)
		queue[used++] = (uint8_t)c;
	serial_put(c);
}

void platform_putc(char c)
{
	if (c == '\n')
		put('\r');
	put(c);
	if (c == '\n')
		console_flush();
}

// What the console has calls for, a serial port of our own gets as a terminal's sequence.
static SIMPLE_TEXT_OUTPUT_INTERFACE *screen(void)
{
	console_flush();
	return screen_off ? NULL : firmware_table->ConOut;
}

void platform_goto(unsigned row, unsigned column)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = screen();

	if (out)
		out->SetCursorPosition(out, column, row);
	ansi_goto(serial_put, row, column);
}

void platform_colour(uint8_t colour)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = screen();

	if (out)
		out->SetAttribute(out, colour & 0x7f);
	ansi_colour(serial_put, colour & 0x7f);
}

// What follows is a page of 80 by 25: in that mode the firmware puts it in the middle of the screen. To
// set a mode empties the screen, too.
void platform_clear(void)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = screen();

	if (out && (!out->Mode || out->Mode->Mode == 0 || out->SetMode(out, 0)))
		out->ClearScreen(out);
	ansi_clear(serial_put);
}

void platform_screen(bool on)
{
	console_flush();
	screen_off = !on;
}

bool platform_serial(uint32_t port, uint32_t baud, uint32_t flow)
{
	console_flush();
	return serial_open(port, baud, flow);
}

static int special_key(uint16_t scan)
{
	static const uint16_t keys[] = { // UEFI 2.10, table 12.1
		0, KEY_UP, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END, KEY_INSERT, KEY_DELETE,
		KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_F1, KEY_F1 + 1, KEY_F1 + 2, KEY_F1 + 3, KEY_F1 + 4,
		KEY_F1 + 5, KEY_F1 + 6, KEY_F1 + 7, KEY_F1 + 8, KEY_F1 + 9, KEY_F1 + 10, KEY_F12,
	};

	if (scan == SCAN_ESC)
		return 27;
	return scan && scan < sizeof keys / sizeof *keys ? keys[scan] : KEY_NONE;
}

static int key_of(const EFI_INPUT_KEY *key)
{
	if (key->UnicodeChar == 0)
		return special_key(key->ScanCode);
	if (key->UnicodeChar == '\n')
		return '\r';
	if (key->UnicodeChar == 0x7f)
		return '\b';
	return key->UnicodeChar < 0x80 ? key->UnicodeChar : KEY_NONE;
}

static int read_ex(void)
{
	EFI_KEY_DATA data = {0};

	if (input->ReadKeyStrokeEx(input, &data))
		return KEY_NONE;
	if (data.KeyState.KeyShiftState & EFI_SHIFT_STATE_VALID)
		held = data.KeyState.KeyShiftState;
	if (data.KeyState.KeyToggleState & EFI_TOGGLE_STATE_VALID)
		toggled = data.KeyState.KeyToggleState;
	if ((held & (EFI_LEFT_CONTROL_PRESSED | EFI_RIGHT_CONTROL_PRESSED)) &&
		data.Key.UnicodeChar >= 'a' && data.Key.UnicodeChar <= 'z')
		return data.Key.UnicodeChar - 'a' + 1;
	return key_of(&data.Key);
}

static int read_simple(void)
{
	SIMPLE_INPUT_INTERFACE *in = firmware_table->ConIn;
	EFI_INPUT_KEY key;

	if (!in || in->ReadKeyStroke(in, &key))
		return KEY_NONE;
	return key_of(&key);
}

int platform_getkey(void)
{
	int key;

	console_flush();
	key = serial_key();
	if (key != KEY_NONE)
		return key;
	return input ? read_ex() : read_simple();
}

bool platform_shift_held(void)
{
	if (!input)
		return false;
	platform_getkey(); // a key typed that early is a person who wants the prompt, too
	return (held & (EFI_LEFT_SHIFT_PRESSED | EFI_RIGHT_SHIFT_PRESSED | EFI_LEFT_ALT_PRESSED |
		EFI_RIGHT_ALT_PRESSED)) || (toggled & (EFI_SCROLL_LOCK_ACTIVE | EFI_CAPS_LOCK_ACTIVE));
}
