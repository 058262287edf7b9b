// SPDX-License-Identifier: BSD-2-Clause
// The files that DISPLAY and F1 to F12 show: text, with these codes in it (syslinux's):
//   0f b f     colours: background and foreground, a hexadecimal digit each
//   0c         empties the screen
//   18 name \n an image: left out
//   19         back to text mode: nothing to do
//   10 to 17   what follows is for: bit 0 text screens, bit 1 graphics, bit 2 the serial line
//   1a         the end
#include "bootloader/console.h"
#include "bootloader/platform.h"

enum { SHIFT_IN = 0x0f, FORM_FEED = 0x0c, CANCEL = 0x18, SUBSTITUTE = 0x1a, MODES = 0x10, USUAL = 7 };

static int digit(char c)
{
	char letter = c | 0x20;

	if (c >= '0' && c <= '9')
		return c - '0';
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

void console_display(const char *text, size_t length)
{
	bool shown = true;
	char last = '\n';

	console_clear();
	for (size_t i = 0; i < length && text[i] != SUBSTITUTE; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c & ~7) == MODES) {
			shown = c & 1;
		} else if (c == SHIFT_IN && i + 2 < length && digit(text[i + 1]) >= 0 &&
			digit(text[i + 2]) >= 0) {
			platform_colour((uint8_t)((digit(text[i + 1]) & 7) << 4 | digit(text[i + 2])));
			i += 2;
		} else if (c == CANCEL) {
			while (i < length && text[i] != '\n')
				i++;
		} else if (c == FORM_FEED) {
			platform_clear();
		} else if (shown && (c == '\n' || c == '\t' || c >= ' ')) {
			last = c == '\t' ? ' ' : (char)c;
			platform_putc(last);
		}
	}
	if (last != '\n')
		platform_putc('\n');
	platform_colour(USUAL);
}
