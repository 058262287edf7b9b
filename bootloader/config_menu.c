// SPDX-License-Identifier: BSD-2-Clause
// The words after MENU, and which entry belongs to which menu.
#include "bootloader/config_parts.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

struct config_label *config_new_label(struct config *c)
{
	struct config_label *l = &c->labels[c->label_count];
	const struct config_source *s = &c->sources[c->depth - 1];

	if (c->label_count < CONFIG_LABELS)
		c->label_count++;
	else
		c->dropped++;
	*l = (struct config_label){
		.menu = c->menu,
		.submenu = CONFIG_NONE,
		.immediate = c->menus[c->menu].immediate,
		.file = s->name,
		.line = s->line,
	};
	return l;
}

static uint16_t number_of(const struct config *c, const struct config_label *l)
{
	return (uint16_t)(l - c->labels);
}

void config_start_menus(struct config *c)
{
	struct config_menu *root = &c->menus[0];

	c->menu_count = 1;
	*root = (struct config_menu){
		.tag = ".top",
		.title = "",
		.parent = CONFIG_NONE,
		.entry = CONFIG_NONE,
		.first = CONFIG_NONE,
		.allow_options = true,
	};
}

// A submenu is an entry of the menu around it, and inherits what that has said so far.
void config_begin_menu(struct config *c, const char *tag)
{
	struct config_label *entry;
	struct config_menu *menu = &c->menus[c->menu_count];

	c->label = NULL;
	if (c->menus_dropped || c->menu_count == CONFIG_MENUS) {
		config_problem(c, "not so many submenus");
		c->menus_dropped++;
		return;
	}
	entry = config_new_label(c);
	entry->action = ACTION_SUBMENU;
	entry->submenu = (uint16_t)c->menu_count;
	entry->text = tag;
	*menu = c->menus[c->menu];
	menu->tag = tag;
	menu->title = "";
	menu->parent = c->menu;
	menu->entry = number_of(c, entry);
	menu->first = CONFIG_NONE;
	c->menu = (uint16_t)c->menu_count++;
}

void config_end_menu(struct config *c)
{
	c->label = NULL;
	if (c->menus_dropped)
		c->menus_dropped--;
	else if (c->menus[c->menu].parent == CONFIG_NONE)
		config_problem(c, "MENU BEGIN before MENU END");
	else
		c->menu = c->menus[c->menu].parent;
}

// A menu's number; CONFIG_NONE if no menu has that tag.
static uint16_t find_menu(const struct config *c, const char *tag)
{
	for (size_t i = c->menu_count; i-- > 0;)
		if (strlen(c->menus[i].tag) == strlen(tag) &&
			memcmp(c->menus[i].tag, tag, strlen(tag)) == 0)
			return (uint16_t)i;
	return CONFIG_NONE;
}

// What is said of a submenu outside of all labels is said of the entry that leads to it. NULL, and a
// problem, where there is neither label nor submenu.
static struct config_label *entry_in_hand(struct config *c)
{
	uint16_t entry = c->menus[c->menu].entry;

	if (c->label)
		return c->label;
	if (entry == CONFIG_NONE)
		config_problem(c, "a LABEL before this word");
	return entry == CONFIG_NONE ? NULL : &c->labels[entry];
}

// Words

static void read_begin(struct config *c, char *value, size_t which)
{
	(void)which;
	config_begin_menu(c, value);
}

static void read_end(struct config *c, char *value, size_t which)
{
	(void)value;
	(void)which;
	config_end_menu(c);
}

static void read_include(struct config *c, char *value, size_t which)
{
	char *tag = config_cut(value);

	(void)which;
	if (*value)
		config_include(c, value, tag);
	else
		config_problem(c, "a file name");
}

static void read_label(struct config *c, char *value, size_t which)
{
	struct config_label *entry = entry_in_hand(c);
	struct config_menu *menu = &c->menus[c->menu];

	(void)which;
	if (entry)
		entry->text = value;
	if (entry && !c->label && !*menu->title)
		menu->title = value;
}

static void read_title(struct config *c, char *value, size_t which)
{
	struct config_menu *menu = &c->menus[c->menu];

	(void)which;
	menu->title = value;
	if (menu->entry != CONFIG_NONE && c->labels[menu->entry].text == menu->tag)
		c->labels[menu->entry].text = value;
}

static void read_default(struct config *c, char *value, size_t which)
{
	struct config_label *entry = entry_in_hand(c);

	(void)value;
	(void)which;
	if (entry)
		c->menus[entry->menu].first = number_of(c, entry);
}

enum { HIDE, DISABLE, IMMEDIATE, NOT_IMMEDIATE };

static void read_flag(struct config *c, char *value, size_t which)
{
	struct config_menu *menu = &c->menus[c->menu];
	bool *immediate = c->label ? &c->label->immediate : &menu->immediate;

	(void)value;
	if (which == IMMEDIATE || which == NOT_IMMEDIATE)
		*immediate = which == IMMEDIATE;
	else if (!c->label)
		config_problem(c, "a LABEL before this word");
	else
		*(which == HIDE ? &c->label->hidden : &c->label->disabled) = true;
}

static void read_indent(struct config *c, char *value, size_t which)
{
	int32_t blanks = config_number(c, value, 0);
	struct config_label *entry = entry_in_hand(c);

	(void)which;
	if (entry)
		entry->indent = (uint8_t)(blanks < 0 ? 0 : blanks > 60 ? 60 : blanks);
}

static void read_separator(struct config *c, char *value, size_t which)
{
	(void)value;
	(void)which;
	config_new_label(c)->action = ACTION_NONE;
	c->label = NULL;
}

static void read_password(struct config *c, char *value, size_t which)
{
	struct config_label *entry = entry_in_hand(c);

	(void)which;
	if (entry)
		entry->password = value;
}

static void read_master(struct config *c, char *value, size_t which)
{
	char *password = config_cut(value);

	(void)which;
	if (text_is(value, config_word(value), "passwd"))
		c->menus[c->menu].master = password;
	else
		config_problem(c, "MENU MASTER PASSWD");
}

// MENU GOTO tag, MENU EXIT [tag], MENU QUIT, MENU HELP file: what choosing the label does instead.
enum { GOTO, EXIT, QUIT, HELP };

static void read_action(struct config *c, char *value, size_t which)
{
	if (!c->label) {
		config_problem(c, "a LABEL before this word");
		return;
	}
	c->label->action = which == QUIT ? ACTION_QUIT : which == HELP ? ACTION_HELP : ACTION_SUBMENU;
	c->label->target = value;
	if (which == EXIT && !*value) {
		c->label->submenu = c->menus[c->menu].parent;
		if (c->label->submenu == CONFIG_NONE)
			config_problem(c, "MENU EXIT inside of a submenu");
	} else if (which != QUIT && !*value) {
		config_problem(c, which == HELP ? "a file name" : "the name of a submenu");
	}
	if (which == HELP)
		config_cut(value);
}

static void read_start(struct config *c, char *value, size_t which)
{
	(void)value;
	(void)which;
	c->menu_start = c->menu;
}

enum { HIDDEN, SHIFT_KEY };

static void read_mode(struct config *c, char *value, size_t which)
{
	(void)value;
	*(which == HIDDEN ? &c->menu_hidden : &c->menu_shift_key) = true;
}

static void read_hidden_key(struct config *c, char *value, size_t which)
{
	char *command = config_cut(value);

	(void)which;
	if (!*command)
		config_problem(c, "MENU HIDDENKEY key[,key...] command");
	else if (c->hidden_key_count == CONFIG_KEYS)
		config_problem(c, "not so many hidden keys");
	else
		c->hidden_keys[c->hidden_key_count++] = (struct config_key){value, command};
}

static void read_onerror(struct config *c, char *value, size_t which)
{
	(void)which;
	c->onerror = *value ? value : NULL;
}

static void read_message(struct config *c, char *value, size_t which)
{
	c->menus[c->menu].messages[which] = value;
}

// Layout and colours are the menu's own; MENU SAVE needs a disk.
static const struct config_keyword words[] = {
	{"autoboot", read_message, MESSAGE_AUTOBOOT},
	{"background", config_nothing, 0},
	{"begin", read_begin, 0},
	{"clear", config_nothing, 0},
	{"cmdlinerow", config_nothing, 0},
	{"color", config_nothing, 0},
	{"colour", config_nothing, 0},
	{"default", read_default, 0},
	{"disable", read_flag, DISABLE},
	{"disabled", read_flag, DISABLE},
	{"end", read_end, 0},
	{"endrow", config_nothing, 0},
	{"exit", read_action, EXIT},
	{"goto", read_action, GOTO},
	{"help", read_action, HELP},
	{"helpmsgendrow", config_nothing, 0},
	{"helpmsgrow", config_nothing, 0},
	{"hidden", read_mode, HIDDEN},
	{"hiddenkey", read_hidden_key, 0},
	{"hiddenrow", config_nothing, 0},
	{"hide", read_flag, HIDE},
	{"hshift", config_nothing, 0},
	{"immediate", read_flag, IMMEDIATE},
	{"include", read_include, 0},
	{"indent", read_indent, 0},
	{"label", read_label, 0},
	{"margin", config_nothing, 0},
	{"master", read_master, 0},
	{"msgcolor", config_nothing, 0},
	{"msgcolour", config_nothing, 0},
	{"noimmediate", read_flag, NOT_IMMEDIATE},
	{"nosave", config_nothing, 0},
	{"notabmsg", read_message, MESSAGE_NOTAB},
	{"onerror", read_onerror, 0},
	{"passprompt", read_message, MESSAGE_PASSWORD},
	{"passwd", read_password, 0},
	{"passwordmargin", config_nothing, 0},
	{"passwordrow", config_nothing, 0},
	{"quit", read_action, QUIT},
	{"resolution", config_nothing, 0},
	{"rows", config_nothing, 0},
	{"save", config_nothing, 0},
	{"separator", read_separator, 0},
	{"shiftkey", read_mode, SHIFT_KEY},
	{"start", read_start, 0},
	{"tabmsg", read_message, MESSAGE_TAB},
	{"tabmsgrow", config_nothing, 0},
	{"timeoutrow", config_nothing, 0},
	{"title", read_title, 0},
	{"vshift", config_nothing, 0},
	{"width", config_nothing, 0},
};

void config_read_menu(struct config *c, char *line, size_t which)
{
	const size_t count = sizeof words / sizeof *words;

	(void)which;
	if (!config_dispatch(c, words, count, line))
		config_problem_word(c, "a word that MENU knows", config_suggest(words, count, line));
}

// The end

// A problem of an entry that has been read before.
static void problem_of(struct config *c, const struct config_label *l, const char *expected)
{
	c->sources[0] = (struct config_source){.name = l->file, .line = l->line};
	c->depth = 1;
	c->line_text = NULL;
	config_problem(c, expected);
	c->depth = 0;
}

static void find_targets(struct config *c)
{
	for (size_t i = 0; i < c->label_count; i++) {
		struct config_label *l = &c->labels[i];

		if (l->action != ACTION_SUBMENU || l->submenu != CONFIG_NONE)
			continue;
		l->submenu = find_menu(c, l->target ? l->target : "");
		if (l->submenu != CONFIG_NONE)
			continue;
		l->action = ACTION_NONE;
		problem_of(c, l, "a submenu with the name that MENU GOTO says");
	}
}

static void find_default(struct config *c)
{
	size_t length;
	const struct config_label *l =
		c->default_command ? config_find(c, c->default_command, &length) : NULL;

	if (!l || l->hidden)
		return;
	c->menus[l->menu].first = number_of(c, l);
	c->menu_start = l->menu;
}

void config_finish_menus(struct config *c)
{
	if (c->menus[c->menu].parent != CONFIG_NONE)
		problem_of(c, &c->labels[c->menus[c->menu].entry], "MENU END for this MENU BEGIN");
	c->menu = 0;
	find_targets(c);
	find_default(c);
}
