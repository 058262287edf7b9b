// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/prompt_edit.h"
#include "bootloader/config.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum { CTRL_A = 1, CTRL_B, CTRL_D = 4, CTRL_E, CTRL_F, BACKSPACE = 8, CTRL_K = 11, CTRL_U = 21,
	CTRL_W = 23, DELETE = 127 };

struct edit edit_of(char *text, size_t size)
{
	size_t length = strlen(text);

	return (struct edit){text, size, length, length};
}

void edit_set(struct edit *e, const char *text)
{
	size_t length = strlen(text);

	e->length = e->cursor = length < e->size ? length : e->size - 1;
	memcpy(e->text, text, e->length);
	e->text[e->length] = 0;
}

// Takes out what lies between `from` and `to`; the cursor stays at `from`.
static void cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->length - to + 1);
	e->length -= to - from;
	e->cursor = from;
}

static void insert(struct edit *e, char c)
{
	if (e->length + 1 >= e->size)
		return;
	memmove(e->text + e->cursor + 1, e->text + e->cursor, e->length - e->cursor + 1);
	e->text[e->cursor++] = c;
	e->length++;
}

static size_t word_start(const struct edit *e)
{
	size_t at = e->cursor;

	while (at && config_blank(e->text[at - 1]))
		at--;
	while (at && !config_blank(e->text[at - 1]))
		at--;
	return at;
}

bool edit_key(struct edit *e, int key)
{
	size_t left = e->cursor ? e->cursor - 1 : 0;
	size_t right = e->cursor < e->length ? e->cursor + 1 : e->length;

	switch (key) {
	case KEY_LEFT: case CTRL_B: e->cursor = left; break;
	case KEY_RIGHT: case CTRL_F: e->cursor = right; break;
	case KEY_HOME: case CTRL_A: e->cursor = 0; break;
	case KEY_END: case CTRL_E: e->cursor = e->length; break;
	case BACKSPACE: case DELETE: cut(e, left, e->cursor); break;
	case KEY_DELETE: case CTRL_D: cut(e, e->cursor, right); break;
	case CTRL_K: cut(e, e->cursor, e->length); break;
	case CTRL_U: cut(e, 0, e->length); break;
	case CTRL_W: cut(e, word_start(e), e->cursor); break;
	default:
		if (key < ' ' || key > '~')
			return false;
		insert(e, (char)key);
	}
	return true;
}

// History

static char *line_back(struct edit_history *h, size_t back)
{
	return h->lines[(h->count - back) % PROMPT_HISTORY];
}

void edit_remember(struct edit_history *h, const char *line)
{
	struct edit kept = {.text = h->lines[h->count % PROMPT_HISTORY], .size = PROMPT_LINE};

	h->at = 0;
	if (!*config_skip(line))
		return;
	edit_set(&kept, line);
	h->count++;
}

void edit_recall(struct edit_history *h, struct edit *e, bool back)
{
	size_t most = h->count < PROMPT_HISTORY ? h->count : PROMPT_HISTORY;

	if (back ? h->at == most : h->at == 0)
		return;
	h->at += back ? 1 : (size_t)-1;
	edit_set(e, h->at ? line_back(h, h->at) : "");
}

// The view

static void step_to(struct edit_view *v, size_t column)
{
	while (v->cursor > column) {
		platform_putc('\b');
		v->cursor--;
	}
	while (v->cursor < column)
		platform_putc(v->shown[v->cursor++]);
}

static void put(struct edit_view *v, char c)
{
	platform_putc(c);
	v->shown[v->cursor++] = c;
}

void edit_show(struct edit_view *v, const struct edit *e)
{
	size_t length, same = 0;
	const char *part;

	if (e->cursor < v->from || e->cursor >= v->from + EDIT_COLUMNS)
		v->from = e->cursor < EDIT_COLUMNS / 2 ? 0 : e->cursor - EDIT_COLUMNS / 2;
	part = e->text + v->from;
	length = e->length - v->from < EDIT_COLUMNS ? e->length - v->from : EDIT_COLUMNS;
	while (same < length && same < v->length && v->shown[same] == part[same])
		same++;
	if (same < length || same < v->length) {
		step_to(v, same);
		while (v->cursor < length)
			put(v, part[v->cursor]);
		while (v->cursor < v->length)
			put(v, ' ');
		v->length = length;
	}
	step_to(v, e->cursor - v->from);
}
