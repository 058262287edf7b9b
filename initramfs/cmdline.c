// SPDX-License-Identifier: BSD-2-Clause
// Command line words. The quoting rules are next_arg()'s of the Linux kernel: a quote toggles
// wherever it stands, but is taken out only around a whole word or around a whole value.
#include "initramfs/cmdline.h"

#include "netstack/base/text.h"

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Takes one word off `at` (not blank); terminates it and takes its quotes out. Gives what follows.
static char *take_word(char *at, const char **word)
{
	bool quoted = *at == '"', inside = quoted;
	char *start = quoted ? at + 1 : at, *equals = NULL, *end = start;

	for (; *end && (inside || !blank(*end)); end++) {
		if (*end == '=' && !equals)
			equals = end;
		if (*end == '"')
			inside = !inside;
	}
	at = *end ? end + 1 : end;
	*end = 0;
	if (equals && equals[1] == '"') {
		memmove(equals + 1, equals + 2, (size_t)(end - equals - 1));
		end--;
		if (end > equals + 1 && end[-1] == '"')
			*--end = 0;
	}
	if (quoted && end > start && end[-1] == '"')
		end[-1] = 0;
	*word = start;
	return at;
}

static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);

	return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static void keep_ip(struct cmdline *c, const char *value)
{
	if (c->ip_count == CMDLINE_IPS)
		memmove(c->ip, c->ip + 1, sizeof c->ip - sizeof *c->ip);
	else
		c->ip_count++;
	c->ip[c->ip_count - 1] = value;
}

// Words whose value is kept as it stands.
static bool read_text(struct cmdline *c, const char *word)
{
	const struct {
		const char *name, **to;
	} texts[] = {
		{"root", &c->root}, {"nfsroot", &c->nfsroot}, {"rootflags", &c->rootflags},
		{"BOOTIF", &c->bootif}, {"dhcpclass", &c->dhcp_class}, {"init", &c->init},
		{"lanyard.overlay", &c->overlay}, {"lanyard.tmpfs", &c->tmpfs},
		{"lanyard.keep", &c->keep}, {"lanyard.swap", &c->swap}, {"lanyard.log", &c->log},
		{"break", &c->stops},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *value = value_of(word, texts[i].name);

		if (!value)
			continue;
		*texts[i].to = value;
		return true;
	}
	return false;
}

static bool read_flag(struct cmdline *c, const char *word)
{
	if (strcmp(word, "quiet") == 0)
		c->quiet = true;
	else if (strcmp(word, "lanyard.rescue") == 0)
		c->rescue = true;
	else if (strcmp(word, "break") == 0)
		c->stops = "premount";
	else if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0)
		c->rw = word[1] == 'w', c->access_at = (int)c->count - 1;
	else
		return false;
	return true;
}

static void read_number(struct cmdline *c, const char *word)
{
	const char *value;
	uint32_t number;

	if ((value = value_of(word, "panic"))) {
		bool negative = *value == '-';

		if (text_u32(value + negative, strlen(value + negative), 10, &number) && number <= 86400)
			c->has_panic = number != 0, c->panic = negative ? -(int)number : (int)number;
	} else if ((value = value_of(word, "rootdelay"))) {
		if (text_u32(value, strlen(value), 10, &number) && number > 0 && number <= 86400)
			c->patience = number;
	}
}

static void read_word(struct cmdline *c, const char *word)
{
	const char *value = value_of(word, "ip");

	if (!value)
		value = value_of(word, "nfsaddrs");
	if (value) {
		keep_ip(c, value);
		return;
	}
	if (read_flag(c, word))
		return;
	if (!read_text(c, word))
		read_number(c, word);
	else if (value_of(word, "nfsroot"))
		c->nfsroot_at = (int)c->count - 1;
}

void cmdline_parse(struct cmdline *c, const char *text, size_t length)
{
	char *at = c->text;

	*c = (struct cmdline){.access_at = -1, .nfsroot_at = -1, .patience = CMDLINE_PATIENCE};
	length = strnlen(text, length < CMDLINE_SIZE ? length : CMDLINE_SIZE - 1);
	memcpy(c->text, text, length);
	while (c->count < CMDLINE_WORDS) {
		while (blank(*at))
			at++;
		if (!*at)
			return;
		at = take_word(at, &c->words[c->count]);
		if (strcmp(c->words[c->count], "--") == 0)
			return;
		c->count++;
		read_word(c, c->words[c->count - 1]);
	}
}

const char *cmdline_next(const struct cmdline *c, const char *name, size_t *at)
{
	while (*at < c->count) {
		const char *value = value_of(c->words[(*at)++], name);

		if (value)
			return value;
	}
	return NULL;
}

// `length` characters of `a` against the whole of `b`, '-' and '_' being the same.
static bool same_name(const char *a, size_t length, const char *b)
{
	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

static void put_parameter(struct text *t, const char *parameter)
{
	const char *value = strchr(parameter, '=');

	if (t->length)
		text_putc(t, ' ');
	if (!value || !strpbrk(value, " \t")) {
		text_format(t, "%s", parameter);
		return;
	}
	text_append(t, parameter, (size_t)(value + 1 - parameter));
	text_format(t, "\"%s\"", value + 1);
}

bool cmdline_module_parameters(const struct cmdline *c, const char *module, char *to, size_t size)
{
	struct text t = text_of(to, size);

	for (size_t i = 0; i < c->count; i++) {
		const char *word = c->words[i], *dot = word + strcspn(word, ".=");

		if (*dot == '.' && same_name(word, (size_t)(dot - word), module))
			put_parameter(&t, dot + 1);
	}
	return !t.cut;
}

static bool list_names(const char *list, const char *module)
{
	while (list && *list) {
		size_t length = strcspn(list, ",");

		if (same_name(list, length, module))
			return true;
		list += length + (list[length] == ',');
	}
	return false;
}

bool cmdline_keeps(const struct cmdline *c, const char *word)
{
	return list_names(c->keep, word) || list_names(c->keep, "all");
}

bool cmdline_breaks(const struct cmdline *c, const char *stage)
{
	return list_names(c->stops, stage) ||
		(strcmp(stage, "mount") == 0 && list_names(c->stops, "mountroot"));
}

bool cmdline_blacklisted(const struct cmdline *c, const char *module)
{
	for (size_t i = 0; i < c->count; i++)
		if (list_names(value_of(c->words[i], "modprobe.blacklist"), module) ||
			list_names(value_of(c->words[i], "module_blacklist"), module))
			return true;
	return false;
}
