// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/menu.h"
#include "bootloader/menu_parts.h"
#include "bootloader/password.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum { TAB = 9, CTRL_N = 14, CTRL_P = 16, ESCAPE = 27 };

// Entries

static bool listed(const struct menu *m, const struct config_label *l)
{
	return l->menu == m->number && !l->hidden;
}

uint16_t menu_entry(const struct menu *m, size_t place)
{
	for (size_t i = 0; i < m->config->label_count; i++)
		if (listed(m, &m->config->labels[i]) && place-- == 0)
			return (uint16_t)i;
	return CONFIG_NONE;
}

bool menu_selectable(const struct config_label *l)
{
	return !l->disabled && l->action != ACTION_NONE;
}

const char *menu_text(const struct config_label *l)
{
	return l->text ? l->text : l->name ? l->name : "";
}

// The place of the bar.
static size_t place_of(const struct menu *m, uint16_t chosen)
{
	size_t place = 0;

	for (size_t i = 0; i < chosen && i < m->config->label_count; i++)
		place += listed(m, &m->config->labels[i]);
	return place;
}

static size_t entries(const struct menu *m)
{
	return place_of(m, CONFIG_NONE);
}

bool menu_has_entries(const struct menu *m)
{
	return m->chosen != CONFIG_NONE;
}

const char *menu_ontimeout(const struct menu *m)
{
	const char *own = m->config->menus[m->number].ontimeout;

	return own ? own : m->config->ontimeout;
}

// Moving

static void scroll(struct menu *m)
{
	size_t place = place_of(m, m->chosen);

	if (place < m->top)
		m->top = place;
	if (place >= m->top + MENU_LINES)
		m->top = place - MENU_LINES + 1;
}

// The bar goes to the first entry from `place` on, by `step`, on which it can stand. If there is none,
// it stays.
static void move(struct menu *m, size_t place, int step)
{
	for (uint16_t entry; (entry = menu_entry(m, place)) != CONFIG_NONE; place += (size_t)step) {
		if (menu_selectable(&m->config->labels[entry])) {
			m->chosen = entry;
			break;
		}
		if (step < 0 && place == 0)
			break;
	}
	scroll(m);
}

static void move_by(struct menu *m, size_t count, bool down)
{
	size_t place = place_of(m, m->chosen), last = entries(m) ? entries(m) - 1 : 0;
	uint16_t before = m->chosen;

	if (down)
		move(m, place + count < last ? place + count : last, place + count < last ? 1 : -1);
	else
		move(m, place > count ? place - count : 0, place > count ? -1 : 1);
	if (down && m->chosen < before)
		m->chosen = before;
	scroll(m);
}

static void enter(struct menu *m, uint16_t number)
{
	m->kept[m->number] = m->chosen;
	m->number = number;
	m->chosen = m->kept[number];
	m->top = 0;
	if (m->chosen == CONFIG_NONE)
		m->chosen = m->config->menus[number].first;
	if (m->chosen == CONFIG_NONE || !menu_selectable(&m->config->labels[m->chosen]) ||
		!listed(m, &m->config->labels[m->chosen])) {
		m->chosen = CONFIG_NONE;
		move(m, 0, 1);
	}
	scroll(m);
}

// Choosing

static const struct config_menu *shown(const struct menu *m)
{
	return &m->config->menus[m->number];
}

static enum menu_event ask_password(struct menu *m, int unlock)
{
	m->unlock = unlock;
	m->mode = MENU_PASSWORD;
	m->line[0] = 0;
	m->edit = edit_of(m->line, sizeof m->line);
	return MENU_GOES_ON;
}

static enum menu_event choose(struct menu *m)
{
	const struct config_label *l = &m->config->labels[m->chosen];

	switch (l->action) {
	case ACTION_SUBMENU: enter(m, l->submenu); return MENU_GOES_ON;
	case ACTION_QUIT: return MENU_PROMPT;
	case ACTION_HELP: m->file = l->target; return MENU_FILE;
	default: return MENU_BOOT;
	}
}

static enum menu_event choose_locked(struct menu *m)
{
	if (m->chosen == CONFIG_NONE)
		return MENU_GOES_ON;
	m->edited = false;
	return m->config->labels[m->chosen].password ? ask_password(m, UNLOCK_ENTRY) : choose(m);
}

static enum menu_event edit_line(struct menu *m)
{
	const struct config_label *l = &m->config->labels[m->chosen];
	struct text line = text_of(m->line, sizeof m->line);

	if (l->action != ACTION_COMMAND || l->image == IMAGE_LOCAL)
		return MENU_GOES_ON;
	plan_label_line(l, m->sysappend, &line);
	m->edit = edit_of(m->line, sizeof m->line);
	m->mode = MENU_EDIT;
	return MENU_GOES_ON;
}

// Editing, and leaving for the prompt: not for everybody where options are not.
static enum menu_event leave_list(struct menu *m, int unlock)
{
	if (!shown(m)->allow_options || m->chosen == CONFIG_NONE)
		return MENU_GOES_ON;
	if (shown(m)->master)
		return ask_password(m, unlock);
	return unlock == UNLOCK_EDIT ? edit_line(m) : MENU_PROMPT;
}

// The first entry with this hot key; capital letters do not matter.
static enum menu_event hot_key(struct menu *m, int key)
{
	for (size_t i = 0; i < m->config->label_count; i++) {
		const struct config_label *l = &m->config->labels[i];
		const char *text = menu_text(l);

		while (*text && *text != '^')
			text++;
		if (!listed(m, l) || !menu_selectable(l) || !*text || !text[1] ||
			(text[1] & ~0x20) != (key & ~0x20))
			continue;
		m->chosen = (uint16_t)i;
		scroll(m);
		return l->immediate ? choose_locked(m) : MENU_GOES_ON;
	}
	return MENU_GOES_ON;
}

static enum menu_event function_key(struct menu *m, int key)
{
	m->file = shown(m)->keys[key - KEY_F1];
	return m->file ? MENU_FILE : MENU_GOES_ON;
}

static enum menu_event list_key(struct menu *m, int key)
{
	const struct config_menu *menu = shown(m);

	switch (key) {
	case KEY_UP: case CTRL_P: move_by(m, 1, false); break;
	case KEY_DOWN: case CTRL_N: move_by(m, 1, true); break;
	case KEY_PAGE_UP: move_by(m, MENU_LINES, false); break;
	case KEY_PAGE_DOWN: move_by(m, MENU_LINES, true); break;
	case KEY_HOME: move(m, 0, 1); break;
	case KEY_END: move_by(m, CONFIG_LABELS, true); break;
	case '\r': case '\n': return choose_locked(m);
	case KEY_RIGHT:
		if (m->chosen != CONFIG_NONE && m->config->labels[m->chosen].action == ACTION_SUBMENU)
			return choose_locked(m);
		break;
	case KEY_LEFT:
		if (menu->parent != CONFIG_NONE)
			enter(m, menu->parent);
		break;
	case TAB: return leave_list(m, UNLOCK_EDIT);
	case ESCAPE:
		if (menu->parent == CONFIG_NONE)
			return m->config->no_escape ? MENU_GOES_ON : leave_list(m, UNLOCK_PROMPT);
		enter(m, menu->parent);
		break;
	default:
		if (key >= KEY_F1 && key <= KEY_F12)
			return function_key(m, key);
		return hot_key(m, key);
	}
	return MENU_GOES_ON;
}

static enum menu_event edit_mode_key(struct menu *m, int key)
{
	if (key == ESCAPE)
		m->mode = MENU_LIST;
	else if (key >= KEY_F1 && key <= KEY_F12)
		return function_key(m, key);
	else if (key == '\r' || key == '\n') {
		m->mode = MENU_LIST;
		m->edited = true;
		return *config_skip(m->line) ? MENU_BOOT : MENU_GOES_ON;
	} else {
		edit_key(&m->edit, key);
	}
	return MENU_GOES_ON;
}

// Passwords

// What the label's or the master password makes of it: the best of both.
static enum password_result judge(const char *own, const char *master, const char *typed)
{
	const enum password_result first = own ? password_check(own, typed) : PASSWORD_WRONG;
	const enum password_result second = first == PASSWORD_RIGHT || !master ? PASSWORD_WRONG :
		password_check(master, typed);

	return second == PASSWORD_WRONG ? first : second;
}

static enum menu_event unlocked(struct menu *m)
{
	const struct config_menu *menu = shown(m);
	const char *own = m->unlock == UNLOCK_ENTRY ? m->config->labels[m->chosen].password : NULL;

	static const char *const says[] = {
		[PASSWORD_WRONG] = "Not that one.",
		[PASSWORD_UNKNOWN] = "Not that one. It may be one that is encrypted in a way not known here.",
		[PASSWORD_ROUNDS] = "Not that one. It may be one of too many rounds (100000 are the most).",
	};
	enum password_result result;

	m->mode = MENU_LIST;
	result = judge(own, menu->master, m->line);
	if (result != PASSWORD_RIGHT) {
		m->message = says[result];
		return MENU_GOES_ON;
	}
	memset(m->line, 0, sizeof m->line);
	if (m->unlock == UNLOCK_ENTRY)
		return choose(m);
	return m->unlock == UNLOCK_EDIT ? edit_line(m) : MENU_PROMPT;
}

static enum menu_event password_key(struct menu *m, int key)
{
	if (key == '\r' || key == '\n')
		return unlocked(m);
	if (key == ESCAPE)
		m->mode = MENU_LIST;
	else
		edit_key(&m->edit, key);
	return MENU_GOES_ON;
}

// Hidden keys: "a", "^X" for Control-X, or a name.

static int key_named(const char *name, size_t length)
{
	static const struct {
		const char *name;
		uint16_t key;
	} names[] = {
		{"backspace", 8}, {"tab", TAB}, {"enter", '\r'}, {"esc", ESCAPE}, {"space", ' '},
		{"up", KEY_UP}, {"down", KEY_DOWN}, {"left", KEY_LEFT}, {"right", KEY_RIGHT},
		{"pgup", KEY_PAGE_UP}, {"pgdn", KEY_PAGE_DOWN}, {"home", KEY_HOME}, {"end", KEY_END},
		{"insert", KEY_INSERT}, {"delete", KEY_DELETE},
	};
	uint32_t number;

	if (length == 1)
		return (unsigned char)*name;
	if (length == 2 && *name == '^')
		return name[1] & 0x1f;
	if ((*name | 0x20) == 'f' && text_u32(name + 1, length - 1, 10, &number) && number - 1 < 12)
		return KEY_F1 + (int)number - 1;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_is(name, length, names[i].name))
			return names[i].key;
	return KEY_NONE;
}

static enum menu_event hidden_key(struct menu *m, int key)
{
	m->mode = MENU_LIST;
	for (size_t i = 0; i < m->config->hidden_key_count; i++) {
		const struct config_key *k = &m->config->hidden_keys[i];
		const char *name = k->keys;

		while (*name) {
			size_t length = 0;

			while (name[length] && (name[length] != ',' || length == 0))
				length++;
			if (key_named(name, length) == key) {
				m->command = k->command;
				return MENU_COMMAND;
			}
			name += length + (name[length] == ',');
		}
	}
	return MENU_GOES_ON;
}

enum menu_event menu_key(struct menu *m, int key)
{
	m->seconds = 0;
	m->message = NULL;
	switch (m->mode) {
	case MENU_HIDDEN: return hidden_key(m, key);
	case MENU_EDIT: return edit_mode_key(m, key);
	case MENU_PASSWORD: return password_key(m, key);
	default: return list_key(m, key);
	}
}

void menu_start(struct menu *m, const struct config *c, const struct plan_sysappend *sysappend)
{
	memset(m, 0, sizeof *m);
	memset(m->kept, 0xff, sizeof m->kept);
	m->config = c;
	m->sysappend = sysappend;
	m->mode = c->menu_hidden ? MENU_HIDDEN : MENU_LIST;
	m->chosen = CONFIG_NONE;
	m->number = c->menu_start;
	enter(m, c->menu_start);
}
