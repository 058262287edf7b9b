// SPDX-License-Identifier: BSD-2-Clause
// Lines and files: what a line is, where it stands, and which file goes on after it.
#include "bootloader/config.h"
#include "bootloader/config_parts.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

bool config_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

const char *config_skip(const char *text)
{
	while (*text && config_blank(*text))
		text++;
	return text;
}

size_t config_word(const char *text)
{
	size_t length = 0;

	while (text[length] && !config_blank(text[length]))
		length++;
	return length;
}

// Lines

// All up to a line that begins with ENDTEXT is for people: those lines stay as they are.
static void read_text_line(struct config *c, char *line, const char *end)
{
	const char *word = line;
	size_t length = 0;

	while (word < end && config_blank(*word))
		word++;
	while (word + length < end && !config_blank(word[length]))
		length++;
	if (!text_is(word, length, "endtext"))
		return;
	c->in_text = false;
	*line = 0;
}

// `end` is where the line's newline stood. It ends at a carriage return or a NUL before that.
static void read_line(struct config *c, struct config_source *s, char *line, char *end)
{
	char *cut = line;

	if (c->in_text) {
		read_text_line(c, line, end);
		return;
	}
	while (cut < end && *cut != '\r' && *cut)
		cut++;
	if (cut < end && !*cut && !s->binary) {
		s->binary = true;
		c->line_text = NULL;
		config_problem(c, "a text file, not a binary one");
	}
	*cut = 0;
	c->line_text = line;
	config_read_word(c, line + (config_skip(line) - line));
}

// Puts a line end after every CONFIG_LINE characters without one. Gives the new length.
static size_t split_long_lines(char *text, size_t length)
{
	size_t run = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			run = 0;
		} else if (++run > CONFIG_LINE) {
			memmove(text + i + 1, text + i, length - i);
			text[i] = '\n';
			length++;
			run = 0;
		}
	}
	return length;
}

// Files

char *config_room(struct config *c, size_t *size)
{
	size_t left = sizeof c->text - c->used;

	*size = left > 64 ? left - left / CONFIG_LINE - 3 : 0;
	return c->text + c->used;
}

void config_push(struct config *c, const char *name, size_t length)
{
	char *at = c->text + c->used;

	if (length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		memset(at, ' ', 3); // with which some editors begin UTF-8
	length = split_long_lines(at, length);
	at[length] = '\n'; // a last line without an end gets one
	at[length + 1] = 0;
	c->used += length + 2;
	c->files++;
	c->sources[c->depth++] = (struct config_source){.name = name, .at = at, .end = at + length};
}

static void pop(struct config *c)
{
	const struct config_source *s = &c->sources[c->depth - 1];

	c->line_text = NULL;
	if (c->in_text)
		config_problem(c, "ENDTEXT after TEXT HELP");
	c->in_text = false;
	if (s->submenu)
		config_end_menu(c);
	c->depth--;
}

void config_run(struct config *c)
{
	while (c->depth) {
		struct config_source *s = &c->sources[c->depth - 1];
		char *line = s->at, *end = line;

		if (line >= s->end) {
			pop(c);
			continue;
		}
		while (*end != '\n')
			end++;
		s->at = end + 1;
		s->line += !s->split;
		s->split = end - line == CONFIG_LINE;
		read_line(c, s, line, end);
	}
}

static bool being_read(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->depth; i++)
		if (strlen(c->sources[i].name) == strlen(name) &&
			memcmp(c->sources[i].name, name, strlen(name)) == 0)
			return true;
	return false;
}

void config_include(struct config *c, const char *name, const char *tag)
{
	const char *why = "a file that does not include itself";
	size_t before = c->depth;

	if (c->depth == CONFIG_DEPTH)
		why = "files not more than 16 deep inside each other";
	else if (c->files == CONFIG_FILES)
		why = "not more than 256 files";
	else if (!being_read(c, name))
		why = c->events && c->events->include ? c->events->include(c->context, c, name) : NULL;
	if (why)
		config_problem(c, why);
	if (c->depth > before && *tag) {
		config_begin_menu(c, tag);
		c->sources[c->depth - 1].submenu = true;
	}
}

// Problems

void config_problem_word(struct config *c, const char *expected, const char *word)
{
	const struct config_source *s = c->depth ? &c->sources[c->depth - 1] : NULL;
	const struct config_problem problem = {
		.file = s ? s->name : "",
		.line = s ? s->line : 0,
		.text = c->line_text ? config_skip(c->line_text) : "",
		.expected = expected,
		.word = word,
	};

	c->problems++;
	if (c->events && c->events->problem)
		c->events->problem(c->context, &problem);
}

void config_problem(struct config *c, const char *expected)
{
	config_problem_word(c, expected, NULL);
}

// The whole

void config_start(struct config *c, const struct config_events *events, void *context)
{
	memset(c, 0, offsetof(struct config, text));
	c->events = events;
	c->context = context;
	c->allow_options = c->implicit = 1;
	config_start_menus(c);
}

void config_finish(struct config *c)
{
	config_finish_menus(c);
	c->label = NULL;
}

static bool same(const char *a, const char *b, size_t length)
{
	return memcmp(a, b, length) == 0;
}

const struct config_label *config_find(const struct config *c, const char *command, size_t *length)
{
	size_t word = config_word(command), whole = strlen(command);
	const struct config_label *found = NULL;

	while (whole > word && config_blank(command[whole - 1]))
		whole--;
	*length = word;
	for (size_t i = 0; i < c->label_count; i++) {
		const struct config_label *l = &c->labels[i];
		size_t own = l->name && !l->disabled ? strlen(l->name) : 0;

		while (own && config_blank(l->name[own - 1]))
			own--;
		if (own == 0)
			continue;
		if (own == whole && same(l->name, command, own)) {
			*length = whole;
			return l;
		}
		if (!found && config_word(l->name) == word && same(l->name, command, word))
			found = l;
	}
	return found;
}

const char *config_command(const struct config *c)
{
	return c->ui ? c->ui : c->default_command;
}
