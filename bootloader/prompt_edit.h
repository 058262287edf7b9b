// SPDX-License-Identifier: BSD-2-Clause
// A line that is being typed: keys change it, and a view of it is kept up to date on a console that
// can do no more than step back.
#pragma once

#include "bootloader/limits.h"

#include <stdbool.h>
#include <stddef.h>

struct edit {
	char *text;     // NUL-terminated, the caller's
	size_t size;    // of it
	size_t length, cursor;
};

// Begins with what stands in `text`, the cursor at its end.
struct edit edit_of(char *text, size_t size);
// Replaces all of it; what does not fit is left out.
void edit_set(struct edit *e, const char *text);
// One key. False if it is none of the editor's: Enter, Tab, Up, F1, ...
bool edit_key(struct edit *e, int key);

// Lines given before, the youngest last.
struct edit_history {
	char lines[PROMPT_HISTORY][PROMPT_LINE];
	size_t count; // in all; the last PROMPT_HISTORY are kept
	size_t at;    // how many back the line shown is; 0: a new one
};

void edit_remember(struct edit_history *h, const char *line);
// Goes one line back or forth; what has been typed is forgotten.
void edit_recall(struct edit_history *h, struct edit *e, bool back);

// The part of a line that is on the screen.
enum { EDIT_COLUMNS = 72 };
struct edit_view {
	char shown[EDIT_COLUMNS + 1];
	size_t length, cursor; // of what is shown
	size_t from;           // the line's character in the first column
};

// Brings the screen from what it shows to what *e is, by platform_putc.
void edit_show(struct edit_view *v, const struct edit *e);
