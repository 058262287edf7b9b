// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/config.h"
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

// As C's strtoul with base 0 does: the longest number at the start, 0 if there is none.
static uint32_t number(const char *text)
{
	uint32_t value = 0;

	for (size_t length = config_word(text); length > 0; length--)
		if (text_number(text, length, &value))
			return value;
	return 0;
}

// Keywords. `which` tells apart keywords that share a function.

static void read_default(struct config *c, char *value, int which)
{
	(void)which;
	c->default_command = *value ? value : NULL;
}

static void read_label(struct config *c, char *value, int which)
{
	(void)which;
	c->label = &c->labels[c->label_count];
	if (c->label_count < CONFIG_LABELS)
		c->label_count++;
	else
		c->dropped++;
	value[config_word(value)] = 0;
	*c->label = (struct config_label){
		.name = value,
		.kernel = value,
		.sysappend = c->sysappend,
	};
}

static void read_kernel(struct config *c, char *value, int image)
{
	if (!c->label)
		return;
	c->label->kernel = value;
	c->label->image = (enum config_image)image;
}

static void read_append(struct config *c, char *value, int which)
{
	(void)which;
	*(c->label ? &c->label->append : &c->append) = value;
}

static void read_initrd(struct config *c, char *value, int which)
{
	(void)which;
	if (c->label)
		c->label->initrd = value;
}

static void read_sysappend(struct config *c, char *value, int which)
{
	(void)which;
	*(c->label ? &c->label->sysappend : &c->sysappend) = number(value);
}

enum { PROMPT, TIMEOUT };

static void read_number(struct config *c, char *value, int which)
{
	*(which == PROMPT ? &c->prompt : &c->timeout) = number(value);
}

static void read_say(struct config *c, char *value, int which)
{
	(void)which;
	if (c->events && c->events->say)
		c->events->say(value);
}

// SERIAL port [baud [flow]]
static void read_serial(struct config *c, char *value, int which)
{
	const char *word = value;
	uint32_t numbers[3] = {0, 9600, 0};

	(void)which;
	for (size_t i = 0; i < 3 && *word; i++) {
		numbers[i] = number(word);
		word = config_skip(word + config_word(word));
	}
	if (c->events && c->events->serial)
		c->events->serial(numbers[0], numbers[1], numbers[2]);
}

// TEXT HELP: all up to a line that begins with ENDTEXT is for people.
static void read_text(struct config *c, char *value, int which)
{
	(void)value;
	(void)which;
	c->in_text = true;
}

static const struct keyword {
	const char *name;
	void (*read)(struct config *c, char *value, int which);
	int which;
} keywords[] = {
	{"append", read_append, 0},
	{"default", read_default, 0},
	{"initrd", read_initrd, 0},
	{"ipappend", read_sysappend, 0},
	{"kernel", read_kernel, IMAGE_BY_NAME},
	{"label", read_label, 0},
	{"linux", read_kernel, IMAGE_LINUX},
	{"prompt", read_number, PROMPT},
	{"say", read_say, 0},
	{"serial", read_serial, 0},
	{"sysappend", read_sysappend, 0},
	{"text", read_text, 0},
	{"timeout", read_number, TIMEOUT},
};

static void read_line(struct config *c, char *line)
{
	char *word = line + (config_skip(line) - line);
	size_t length = config_word(word);

	if (c->in_text) {
		c->in_text = !text_is(word, length, "endtext");
		return;
	}
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (text_is(word, length, keywords[i].name)) {
			word += length;
			keywords[i].read(c, word + (config_skip(word) - word), keywords[i].which);
			return;
		}
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

void config_start(struct config *c, const struct config_events *events)
{
	memset(c, 0, offsetof(struct config, text));
	c->events = events;
}

void config_parse(struct config *c, size_t length)
{
	length = split_long_lines(c->text, length);
	c->used = length + 1;
	c->text[length] = '\n'; // a last line without an end gets one
	for (size_t at = 0; at < length;) {
		char *line = c->text + at, *cut;

		for (cut = line; *cut != '\n' && *cut != '\r' && *cut; cut++)
			;
		while (c->text[at] != '\n')
			at++;
		at++;
		*cut = 0;
		read_line(c, line);
	}
}

const struct config_label *config_find(const struct config *c, const char *name, size_t length)
{
	for (size_t i = 0; i < c->label_count; i++) {
		const char *label = c->labels[i].name;

		if (strlen(label) == length && memcmp(label, name, length) == 0)
			return &c->labels[i];
	}
	return NULL;
}
