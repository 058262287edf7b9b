// SPDX-License-Identifier: BSD-2-Clause
// The page:
//   1        title
//   2        whether there are entries above these
//   3 to 16  entries
//   17       whether there are entries below them
//   18 to 21 the chosen entry's help, or its line while that is edited
//   22       countdown, message, password
//   23       what Tab and Escape do
#include "bootloader/menu_parts.h"
#include "netstack/base/memory.h"

enum { TITLE = 1, FIRST = 3, HELP = 18, HELP_LINES = 4, STATUS = 22, HINT = 23 }; // rows
// All text begins at LEFT; the bar is wider, and as far from the left side as from the right one.
enum { BAR = 2, LEFT = 4, RIGHT = SCREEN_COLUMNS - LEFT, WIDTH = RIGHT - LEFT };

static void put(struct screen *s, unsigned row, unsigned column, uint8_t colour, const char *text)
{
	screen_put(s, row, column, colour, text, strlen(text));
}

// A text without the '^' before its hot key; that one is strong where `hot` says how. What reaches `end`
// is cut.
static void put_label(struct screen *s, unsigned row, unsigned column, unsigned end, uint8_t colour,
	uint8_t hot, const char *text)
{
	bool seen = false;

	for (; *text; text++) {
		bool key = *text == '^' && text[1] && !seen;

		text += key;
		seen |= key;
		if (column == end) {
			put(s, row, end - 3, colour, "...");
			return;
		}
		screen_put(s, row, column++, key ? hot : colour, text, 1);
	}
}

static void draw_entry(const struct menu *m, struct screen *s, unsigned row, uint16_t entry)
{
	const struct config_label *l = &m->config->labels[entry];
	bool chosen = entry == m->chosen && m->mode != MENU_HIDDEN, selectable = menu_selectable(l);
	uint8_t colour = chosen ? COLOUR_CHOSEN : selectable ? COLOUR_USUAL : COLOUR_FAINT;
	uint8_t hot = chosen ? COLOUR_CHOSEN : selectable ? COLOUR_STRONG : COLOUR_FAINT;
	bool leads = l->action == ACTION_SUBMENU, back = l->submenu == m->config->menus[m->number].parent;

	put_label(s, row, LEFT + l->indent, RIGHT - (leads ? 2 : 0), colour, hot, menu_text(l));
	if (leads)
		put(s, row, RIGHT - 1, colour, back ? "<" : ">");
	if (chosen)
		screen_colour(s, row, BAR, SCREEN_COLUMNS - 2 * BAR, colour);
}

static void draw_entries(const struct menu *m, struct screen *s)
{
	if (m->top)
		put(s, FIRST - 1, LEFT, COLOUR_FAINT, "more ...");
	for (unsigned i = 0; i < MENU_LINES; i++) {
		uint16_t entry = menu_entry(m, m->top + i);

		if (entry == CONFIG_NONE)
			return;
		draw_entry(m, s, FIRST + i, entry);
		if (entry == m->chosen) {
			s->row = FIRST + i;
			s->column = BAR;
		}
	}
	if (menu_entry(m, m->top + MENU_LINES) != CONFIG_NONE)
		put(s, FIRST + MENU_LINES, LEFT, COLOUR_FAINT, "more ...");
}

// The first line says how far the lines are indented in the file: that much is left out.
static void draw_help(const struct menu *m, struct screen *s)
{
	const char *line = m->chosen == CONFIG_NONE ? NULL : m->config->labels[m->chosen].help;
	size_t indent = 0;

	while (line && (line[indent] == ' ' || line[indent] == '\t'))
		indent++;
	for (unsigned i = 0; line && *line && i < HELP_LINES; i++) {
		size_t length = 0;

		for (size_t n = 0; n < indent && (*line == ' ' || *line == '\t'); n++)
			line++;
		while (line[length] && line[length] != '\n' && line[length] != '\r')
			length++;
		screen_put(s, HELP + i, LEFT, COLOUR_USUAL, line, length);
		line += length;
		line += *line == '\r';
		line += *line == '\n';
	}
}

// The line in rows; those around the cursor, if there are too many.
static void draw_edit(const struct menu *m, struct screen *s)
{
	size_t row = m->edit.cursor / WIDTH, first = row < HELP_LINES ? 0 : row - HELP_LINES + 1;

	for (size_t i = 0; i < HELP_LINES; i++) {
		size_t at = (first + i) * WIDTH;

		if (at < m->edit.length)
			screen_put(s, (unsigned)(HELP + i), LEFT, COLOUR_STRONG, m->line + at, WIDTH);
	}
	put(s, HELP, BAR, COLOUR_FAINT, first ? ":" : ">");
	s->row = (unsigned)(HELP + row - first);
	s->column = (unsigned)(LEFT + m->edit.cursor % WIDTH);
}

static void draw_password(const struct menu *m, struct screen *s)
{
	const char *prompt = m->config->menus[m->number].messages[MESSAGE_PASSWORD];
	unsigned column = LEFT;

	prompt = prompt ? prompt : "Password required";
	put(s, STATUS, column, COLOUR_STRONG, prompt);
	column += (unsigned)strlen(prompt) + 2;
	for (size_t i = 0; i < m->edit.length; i++)
		put(s, STATUS, column++, COLOUR_STRONG, "*");
	s->row = STATUS;
	s->column = column < RIGHT ? column : RIGHT;
}

// One of "{one,two,many}", or "{one,many}", for `count`: the text up to ',' or '}'. Gives the end.
static const char *conjugate(struct text *to, const char *forms, uint32_t count)
{
	const char *form = forms, *end = forms;
	size_t number = 0, wanted = count - 1;

	for (; *end && *end != '}'; end++)
		if (*end == ',' && number++ < wanted)
			form = end + 1;
	while (*form && *form != ',' && *form != '}')
		text_putc(to, *form++);
	return *end ? end : end - 1;
}

// MENU AUTOBOOT's text: '#' is the number of seconds.
static void draw_countdown(const struct menu *m, struct screen *s)
{
	const char *text = m->config->menus[m->number].messages[MESSAGE_AUTOBOOT];
	char buffer[SCREEN_COLUMNS];
	struct text line = text_of(buffer, sizeof buffer);

	for (text = text ? text : "Automatic boot in # second{,s}..."; *text; text++) {
		if (*text == '#')
			text_format(&line, "%u", (unsigned)m->seconds);
		else if (*text == '{')
			text = conjugate(&line, text + 1, m->seconds);
		else
			text_putc(&line, *text);
	}
	put(s, STATUS, LEFT, COLOUR_STRONG, buffer);
}

static const char *hint(const struct menu *m)
{
	const struct config_menu *menu = &m->config->menus[m->number];
	const char *message = menu->messages[menu->allow_options ? MESSAGE_TAB : MESSAGE_NOTAB];

	if (m->mode == MENU_HIDDEN)
		return "Press any key to display the boot menu";
	if (m->mode == MENU_EDIT)
		return "Enter boots this line, Esc leaves it as it was";
	if (m->mode == MENU_PASSWORD)
		return "Enter, or Esc to go back";
	if (message)
		return message;
	if (menu->parent != CONFIG_NONE)
		return menu->allow_options ? "Enter boots, Tab edits the line, Esc goes back" :
			"Enter boots, Esc goes back";
	if (!menu->allow_options)
		return "Enter boots";
	return m->config->no_escape ? "Enter boots, Tab edits the line" :
		"Enter boots, Tab edits the line, Esc leads to the prompt";
}

void menu_draw(const struct menu *m, struct screen *s)
{
	const char *title = m->config->menus[m->number].title;

	screen_clear(s);
	s->row = STATUS;
	s->column = 0;
	if (m->mode != MENU_HIDDEN) {
		screen_colour(s, TITLE, 0, SCREEN_COLUMNS, COLOUR_TITLE);
		put_label(s, TITLE, LEFT, RIGHT, COLOUR_TITLE, COLOUR_TITLE,
			*title ? title : "Boot menu");
		draw_entries(m, s);
	}
	if (m->mode == MENU_EDIT)
		draw_edit(m, s);
	else if (m->mode != MENU_HIDDEN)
		draw_help(m, s);
	if (m->mode == MENU_PASSWORD)
		draw_password(m, s);
	else if (m->message)
		put(s, STATUS, LEFT, COLOUR_STRONG, m->message);
	else if (m->seconds)
		draw_countdown(m, s);
	put(s, HINT, LEFT, COLOUR_FAINT, hint(m));
}
