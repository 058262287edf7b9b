// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/console.h"
#include "bootloader/platform.h"

enum { WIDTH = 79, INDENT = 9 };

static uint64_t start;
static size_t drawn; // columns of the status line on the screen

void console_start(void)
{
	start = platform_now();
}

uint32_t console_elapsed(void)
{
	return (uint32_t)(platform_now() - start);
}

void console_text(const char *text)
{
	for (; *text; text++)
		if (*text == '\n' || (unsigned char)*text >= ' ')
			platform_putc(*text);
}

void console_clear(void)
{
	if (drawn == 0)
		return;
	platform_putc('\r');
	for (; drawn > 0; drawn--)
		platform_putc(' ');
	platform_putc('\r');
}

// One word of a stage's line, on the next line if it does not fit any more.
static size_t put_word(const char *word, size_t length, size_t column)
{
	if (column > INDENT && column + 1 + length > WIDTH) {
		console_text("\n         ");
		column = INDENT;
	} else if (column > INDENT) {
		platform_putc(' ');
		column++;
	}
	for (size_t i = 0; i < length; i++)
		platform_putc(word[i]);
	return column + length;
}

static void put_stage(const char *text)
{
	uint32_t now = console_elapsed();
	char buffer[24];
	struct text time = text_of(buffer, sizeof buffer);
	size_t column = INDENT;

	console_clear();
	text_format(&time, "[%3u.%02u] ", now / 1000, now % 1000 / 10);
	console_text(buffer);
	while (*text) {
		size_t length = 0;

		while (text[length] && text[length] != ' ')
			length++;
		column = put_word(text, length, column);
		text += length + (text[length] == ' ');
	}
	platform_putc('\n');
}

void console_stage(const char *format, ...)
{
	char buffer[FAULT_SENTENCE];
	struct text t = text_of(buffer, sizeof buffer);
	va_list args;

	va_start(args, format);
	text_vformat(&t, format, args);
	va_end(args);
	put_stage(buffer);
}

void console_fault(const struct fault *fault)
{
	char buffer[FAULT_SENTENCE];
	struct text t = text_of(buffer, sizeof buffer);

	fault_sentence(fault, &t);
	put_stage(buffer);
}

void console_status(const char *format, ...)
{
	char buffer[WIDTH + 1];
	struct text t = text_of(buffer, sizeof buffer);
	va_list args;
	size_t length;

	va_start(args, format);
	text_vformat(&t, format, args);
	va_end(args);
	length = t.length;
	while (t.length < drawn)
		text_putc(&t, ' ');
	platform_putc('\r');
	console_text(buffer);
	drawn = length;
}
