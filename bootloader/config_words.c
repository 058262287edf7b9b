// SPDX-License-Identifier: BSD-2-Clause
// The words that a line begins with. A word is one row of the table and one short function.
#include "bootloader/config_parts.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

// Values

char *config_cut(char *text)
{
	char *end = text + config_word(text);

	if (!*end)
		return end;
	*end = 0;
	return end + 1 + (config_skip(end + 1) - (end + 1));
}

int32_t config_number(struct config *c, const char *text, int32_t otherwise)
{
	bool minus = *text == '-';
	const char *digits = text + (minus || *text == '+');
	bool hex = digits[0] == '0' && (digits[1] | 0x20) == 'x';
	uint32_t value;

	digits += hex ? 2 : 0;
	for (size_t length = config_word(digits); length > 0; length--)
		if (text_u32(digits, length, hex ? 16 : 10, &value) && value <= INT32_MAX)
			return minus ? -(int32_t)value : (int32_t)value;
	config_problem(c, "a number");
	return otherwise;
}

// As C's strtoul with base 0 does: a leading 0 makes it octal.
static uint32_t bits(struct config *c, const char *text)
{
	uint32_t value;

	for (size_t length = config_word(text); length > 0; length--)
		if (text_number(text, length, &value))
			return value;
	config_problem(c, "a number");
	return 0;
}

static bool in_label(struct config *c)
{
	if (!c->label)
		config_problem(c, "a LABEL before this word");
	return c->label != NULL;
}

// Words

void config_nothing(struct config *c, char *value, size_t which)
{
	(void)c;
	(void)value;
	(void)which;
}

static void read_default(struct config *c, char *value, size_t which)
{
	(void)which;
	if (!*value)
		config_problem(c, "a label or a kernel's file name");
	c->default_command = *value ? value : NULL;
}

static void read_ui(struct config *c, char *value, size_t which)
{
	(void)which;
	if (!*value)
		config_problem(c, "menu.c32");
	c->ui = *value ? value : NULL;
}

static void read_label(struct config *c, char *value, size_t which)
{
	(void)which;
	if (!*value)
		config_problem(c, "a name");
	c->label = config_new_label(c);
	c->label->name = value;
	c->label->append = c->append;
	c->label->sysappend = c->sysappend;
}

static void read_kernel(struct config *c, char *value, size_t image)
{
	if (!in_label(c))
		return;
	if (!*value)
		config_problem(c, "a file name");
	c->label->kernel = value;
	c->label->image = (uint8_t)image;
}

static void read_localboot(struct config *c, char *value, size_t which)
{
	(void)which;
	if (!in_label(c))
		return;
	c->label->local = *value ? config_number(c, value, 0) : 0;
	c->label->kernel = value;
	c->label->image = IMAGE_LOCAL;
}

static void read_append(struct config *c, char *value, size_t which)
{
	(void)which;
	*(c->label ? &c->label->append : &c->append) = value;
}

// A text that belongs to a label; `field` is its place there.
static void read_label_text(struct config *c, char *value, size_t field)
{
	if (in_label(c))
		*(const char **)((char *)c->label + field) = value;
}

// No name has a blank in it: those around commas are for people.
static void read_initrd(struct config *c, char *value, size_t which)
{
	const char *from = value;
	char *to = value;

	(void)which;
	while (*from) {
		const char *next = config_skip(from);
		bool kept = (to == value || to[-1] != ',') && *next != ',';

		while (kept && from < next)
			*to++ = *from++;
		from = next;
		if (*from)
			*to++ = *from++;
	}
	*to = 0;
	if (in_label(c))
		c->label->initrd = value;
}

static void read_kaslrseed(struct config *c, char *value, size_t which)
{
	(void)value;
	(void)which;
	if (in_label(c))
		c->label->kaslrseed = true;
}

static void read_sysappend(struct config *c, char *value, size_t which)
{
	(void)which;
	*(c->label ? &c->label->sysappend : &c->sysappend) = bits(c, value);
}

// A number of the whole configuration; `field` is its place there.
static void read_number(struct config *c, char *value, size_t field)
{
	uint32_t *number = (uint32_t *)((char *)c + field);

	*number = (uint32_t)config_number(c, value, (int32_t)*number);
}

// Times. A negative one is none.
static void read_time(struct config *c, char *value, size_t field)
{
	int32_t time = config_number(c, value, 0);

	*(uint32_t *)((char *)c + field) = time > 0 ? (uint32_t)time : 0;
	if (field == offsetof(struct config, timeout))
		c->menus[c->menu].timeout = c->timeout;
}

static void read_allow_options(struct config *c, char *value, size_t field)
{
	read_number(c, value, field);
	c->menus[c->menu].allow_options = c->allow_options != 0;
}

// A command of the whole configuration.
static void read_command(struct config *c, char *value, size_t field)
{
	const char *command = *value ? value : NULL;

	*(const char **)((char *)c + field) = command;
	if (field == offsetof(struct config, ontimeout))
		c->menus[c->menu].ontimeout = command;
}

static void read_say(struct config *c, char *value, size_t which)
{
	(void)which;
	if (c->events && c->events->say)
		c->events->say(c->context, value);
}

static void read_display(struct config *c, char *value, size_t which)
{
	(void)which;
	config_cut(value);
	if (!*value)
		config_problem(c, "a file name");
	else if (c->events && c->events->display)
		c->events->display(c->context, value);
}

static void read_console(struct config *c, char *value, size_t which)
{
	(void)which;
	if (c->events && c->events->screen)
		c->events->screen(c->context, config_number(c, value, 1) != 0);
}

// SERIAL port [baud [flow]]
static void read_serial(struct config *c, char *value, size_t which)
{
	const char *word = value;
	uint32_t numbers[3] = {0, 9600, 0};

	(void)which;
	for (size_t i = 0; i < 3 && *word; i++) {
		numbers[i] = (uint32_t)config_number(c, word, (int32_t)numbers[i]);
		word = config_skip(word + config_word(word));
	}
	if (numbers[1] < 75 || numbers[1] > 115200)
		config_problem(c, "a rate from 75 to 115200 bits per second");
	else if (c->events && c->events->serial)
		c->events->serial(c->context, numbers[0], numbers[1], numbers[2]);
}

// The lines up to ENDTEXT follow this one.
static void read_text(struct config *c, char *value, size_t which)
{
	(void)which;
	c->in_text = true;
	if (!text_is(value, config_word(value), "help"))
		config_problem(c, "TEXT HELP");
	else if (c->label)
		c->label->help = c->sources[c->depth - 1].at;
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

// F1 file
static void read_key(struct config *c, size_t key, char *value)
{
	config_cut(value); // a background image may follow
	c->menus[c->menu].keys[key] = *value ? value : NULL;
}

// F1 to F12, and F0, which is F10.
static bool read_function_key(struct config *c, char *line)
{
	size_t length = config_word(line);
	uint32_t number;

	if ((*line | 0x20) != 'f' || !text_u32(line + 1, length ? length - 1 : 0, 10, &number) ||
		number > 12)
		return false;
	line += length;
	read_key(c, number ? number - 1 : 9, line + (config_skip(line) - line));
	return true;
}

#define GLOBAL(field) offsetof(struct config, field)
#define LABEL(field) offsetof(struct config_label, field)

static const struct config_keyword words[] = {
	{"allowoptions", read_allow_options, GLOBAL(allow_options)},
	{"append", read_append, 0},
	{"boot", read_kernel, IMAGE_PROGRAM},
	{"bss", read_kernel, IMAGE_PROGRAM},
	{"com32", read_kernel, IMAGE_MODULE},
	{"comboot", read_kernel, IMAGE_OTHER},
	{"config", read_kernel, IMAGE_CONFIG},
	{"console", read_console, 0},
	{"default", read_default, 0},
	{"devicetree", read_label_text, LABEL(fdt)},
	{"devicetree-overlay", read_label_text, LABEL(overlays)},
	{"devicetreedir", read_label_text, LABEL(fdtdir)},
	{"display", read_display, 0},
	{"endtext", config_nothing, 0},
	{"fallback", config_nothing, 0},
	{"fdimage", read_kernel, IMAGE_LINUX},
	{"fdt", read_label_text, LABEL(fdt)},
	{"fdtdir", read_label_text, LABEL(fdtdir)},
	{"fdtoverlays", read_label_text, LABEL(overlays)},
	{"font", config_nothing, 0},
	{"implicit", read_number, GLOBAL(implicit)},
	{"include", read_include, 0},
	{"initrd", read_initrd, 0},
	{"ipappend", read_sysappend, 0},
	{"kaslrseed", read_kaslrseed, 0},
	{"kbdmap", config_nothing, 0},
	{"kernel", read_kernel, IMAGE_BY_NAME},
	{"label", read_label, 0},
	{"linux", read_kernel, IMAGE_LINUX},
	{"localboot", read_localboot, 0},
	{"menu", config_read_menu, 0},
	{"nocomplete", read_number, GLOBAL(no_complete)},
	{"noescape", read_number, GLOBAL(no_escape)},
	{"nohalt", config_nothing, 0},
	{"onerror", read_command, GLOBAL(onerror)},
	{"ontimeout", read_command, GLOBAL(ontimeout)},
	{"path", config_nothing, 0},
	{"prompt", read_number, GLOBAL(prompt)},
	{"pxe", read_kernel, IMAGE_PROGRAM},
	{"pxeretry", config_nothing, 0},
	{"replay", read_command, GLOBAL(replay)},
	{"say", read_say, 0},
	{"sendcookies", config_nothing, 0},
	{"serial", read_serial, 0},
	{"sysappend", read_sysappend, 0},
	{"text", read_text, 0},
	{"timeout", read_time, GLOBAL(timeout)},
	{"totaltimeout", read_time, GLOBAL(total_timeout)},
	{"ui", read_ui, 0},
};

bool config_dispatch(struct config *c, const struct config_keyword *table, size_t count, char *line)
{
	size_t length = config_word(line);

	for (size_t i = 0; i < count; i++)
		if (text_is(line, length, table[i].name)) {
			line += length;
			table[i].read(c, line + (config_skip(line) - line), table[i].which);
			return true;
		}
	return false;
}

// How many letters have to be changed, added or left out (Levenshtein); at most SUGGEST_LENGTH each.
enum { SUGGEST_LENGTH = 20 };

static unsigned distance(const char *a, size_t length, const char *b)
{
	uint8_t row[SUGGEST_LENGTH + 1];
	size_t other = strlen(b);

	for (size_t k = 0; k <= other; k++)
		row[k] = (uint8_t)k;
	for (size_t i = 0; i < length; i++) {
		uint8_t diagonal = row[0];

		row[0]++;
		for (size_t k = 0; k < other; k++) {
			uint8_t replaced = diagonal + ((a[i] | 0x20) != b[k]);
			uint8_t least = row[k] < row[k + 1] ? row[k] + 1 : row[k + 1] + 1;

			diagonal = row[k + 1];
			row[k + 1] = least < replaced ? least : replaced;
		}
	}
	return row[other];
}

const char *config_suggest(const struct config_keyword *table, size_t count, const char *word)
{
	size_t length = config_word(word);
	unsigned best = length < 5 ? 2 : 3;
	const char *found = NULL;

	for (size_t i = 0; i < count && length <= SUGGEST_LENGTH; i++) {
		unsigned d = distance(word, length, table[i].name);

		if (d < best) {
			best = d;
			found = table[i].name;
		}
	}
	return found;
}

// Lines that begin with a sign are comments to everybody, whatever sign it is.
void config_read_word(struct config *c, char *line)
{
	const size_t count = sizeof words / sizeof *words;
	char first = *line | 0x20;

	if (config_dispatch(c, words, count, line) || read_function_key(c, line))
		return;
	if (first >= 'a' && first <= 'z' && !c->sources[c->depth - 1].binary)
		config_problem_word(c, "a word of pxelinux.cfg", config_suggest(words, count, line));
}
