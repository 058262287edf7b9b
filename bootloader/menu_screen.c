// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/menu_screen.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

// Some terminals go to the next row after the last column, and some do not: in the last row, where they
// would scroll, that column stays empty.
static unsigned columns(unsigned row)
{
	return row < SCREEN_ROWS - 1 ? SCREEN_COLUMNS : row < SCREEN_ROWS ? SCREEN_COLUMNS - 1 : 0;
}

static void empty(struct screen_cells *cells)
{
	memset(cells->text, ' ', sizeof cells->text);
	memset(cells->colour, COLOUR_USUAL, sizeof cells->colour);
}

void screen_start(struct screen *s)
{
	empty(&s->wanted);
	empty(&s->shown);
	platform_colour(COLOUR_USUAL);
	platform_clear();
}

void screen_clear(struct screen *s)
{
	empty(&s->wanted);
}

void screen_put(struct screen *s, unsigned row, unsigned column, uint8_t colour, const char *text,
	size_t length)
{
	for (size_t i = 0; i < length && text[i] && column < columns(row); i++) {
		s->wanted.text[row][column] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
		s->wanted.colour[row][column++] = colour;
	}
}

void screen_colour(struct screen *s, unsigned row, unsigned column, unsigned count, uint8_t colour)
{
	for (; count && column < columns(row); count--)
		s->wanted.colour[row][column++] = colour;
}

// Blanks look alike in all colours that have the same background.
static bool differs(const struct screen *s, unsigned row, unsigned column)
{
	char text = s->wanted.text[row][column];
	uint8_t mask = text == ' ' ? 0xf0 : 0xff;

	return text != s->shown.text[row][column] ||
	       (s->wanted.colour[row][column] & mask) != (s->shown.colour[row][column] & mask);
}

// Whether it is cheaper to send what stands between than to move the cursor: a few characters in the
// colour in force.
static bool bridged(const struct screen *s, unsigned row, unsigned from, unsigned to, uint8_t colour)
{
	if (from > to || to - from > 6)
		return false;
	for (unsigned column = from; column < to; column++)
		if ((s->wanted.colour[row][column] ^ colour) &
			(s->wanted.text[row][column] == ' ' ? 0xf0 : 0xff))
			return false;
	for (unsigned column = from; column < to; column++)
		platform_putc(s->wanted.text[row][column]);
	return true;
}

void screen_show(struct screen *s)
{
	unsigned at_row = SCREEN_ROWS, at_column = 0;
	uint8_t colour = COLOUR_USUAL;

	for (unsigned row = 0; row < SCREEN_ROWS; row++)
		for (unsigned column = 0; column < columns(row); column++) {
			if (!differs(s, row, column))
				continue;
			if (row != at_row || !bridged(s, row, at_column, column, colour))
				platform_goto(row, column);
			if (s->wanted.colour[row][column] != colour)
				platform_colour(colour = s->wanted.colour[row][column]);
			platform_putc(s->wanted.text[row][column]);
			at_row = column + 1 < SCREEN_COLUMNS ? row : SCREEN_ROWS;
			at_column = column + 1;
		}
	s->shown = s->wanted;
	if (colour != COLOUR_USUAL)
		platform_colour(COLOUR_USUAL);
	platform_goto(s->row, s->column);
}
