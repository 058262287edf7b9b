// SPDX-License-Identifier: BSD-2-Clause
// A page of text as it should be and as it is on the consoles: only what differs is sent, so that
// nothing flickers and a slow line has little to do. It has the size of a VT100.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SCREEN_ROWS = 24, SCREEN_COLUMNS = 80 };

// Colours as platform_colour has them, for text that people read.
enum {
	COLOUR_USUAL = 0x07,
	COLOUR_STRONG = 0x0f,
	COLOUR_FAINT = 0x03,
	COLOUR_TITLE = 0x1f,
	COLOUR_CHOSEN = 0x70,
};

struct screen_cells {
	char text[SCREEN_ROWS][SCREEN_COLUMNS];
	uint8_t colour[SCREEN_ROWS][SCREEN_COLUMNS];
};

struct screen {
	struct screen_cells wanted, shown;
	unsigned row, column; // where the cursor should be
};

// Empties the consoles, and this.
void screen_start(struct screen *s);
// Empties what is wanted; what is shown stays until screen_show.
void screen_clear(struct screen *s);
// Puts at most `length` characters at a place; what lies outside the page is left out.
void screen_put(struct screen *s, unsigned row, unsigned column, uint8_t colour, const char *text,
	size_t length);
// Colours a piece of a row.
void screen_colour(struct screen *s, unsigned row, unsigned column, unsigned count, uint8_t colour);
// Sends what has changed.
void screen_show(struct screen *s);
