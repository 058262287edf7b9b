// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the parser have in common (config.c, config_words.c, config_menu.c).
#pragma once

#include "bootloader/config.h"

// A word of the language. `value` begins behind it, without blanks in front; `which` tells apart
// words that share a function.
struct config_keyword {
	const char *name;
	void (*read)(struct config *c, char *value, size_t which);
	size_t which;
};

// A word that is known and has no effect here.
void config_nothing(struct config *c, char *value, size_t which);

// Reads a line, which begins with its first word.
void config_read_word(struct config *c, char *line);
// A line that begins with MENU: what follows.
void config_read_menu(struct config *c, char *line, size_t which);
// Does what the line says if its first word is in the table.
bool config_dispatch(struct config *c, const struct config_keyword *table, size_t count, char *line);
// The word of the table that `word` may have been meant to be, NULL.
const char *config_suggest(const struct config_keyword *table, size_t count, const char *word);
// Cuts a text into its first word, which is then ended by NUL, and gives what follows.
char *config_cut(char *text);
// A number in decimal or, with 0x, in hexadecimal. It is a problem if there is none: then `otherwise`.
int32_t config_number(struct config *c, const char *text, int32_t otherwise);

// A new entry of the menu that is being read, without a name. Where there is no place any more it is
// one that is dropped.
struct config_label *config_new_label(struct config *c);
void config_start_menus(struct config *c);
void config_begin_menu(struct config *c, const char *tag);
void config_end_menu(struct config *c);
void config_finish_menus(struct config *c);
// Reads a file at this place; as a submenu unless `tag` is "".
void config_include(struct config *c, const char *name, const char *tag);

// Something is wrong with the line that is being read.
void config_problem(struct config *c, const char *expected);
void config_problem_word(struct config *c, const char *expected, const char *word);
