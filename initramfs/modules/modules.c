// SPDX-License-Identifier: BSD-2-Clause
// Reads the module list. Because a line may only name modules of earlier lines, the dependencies
// form no loop, whoever wrote the file.
#include "initramfs/modules/modules.h"

#include "initramfs/pattern.h"

#include <string.h>

// Cuts the next word off the line; NULL at its end.
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	if (!*word)
		return NULL;
	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = 0;
	return word;
}

static bool read_flags(struct module *m, const char *flags)
{
	for (; *flags; flags++) {
		if (*flags == 'n')
			m->flags |= MODULE_BY_ALIAS;
		else if (*flags == 'a')
			m->flags |= MODULE_ALWAYS;
		else if (*flags == 'd')
			m->flags |= MODULE_ON_DEMAND;
		else if (*flags != '-')
			return false;
	}
	return true;
}

static bool read_dependencies(struct modules *m, struct module *module, char *names)
{
	module->first = (uint16_t)m->dependency_count;
	if (strcmp(names, "-") == 0)
		return true;
	while (*names) {
		char *end = names + strcspn(names, ",");
		bool more = *end == ',';
		int index;

		*end = 0;
		index = modules_find(m, names);
		if (index < 0 || m->dependency_count == MODULES_DEPENDENCIES)
			return false;
		m->dependencies[m->dependency_count++] = (uint16_t)index;
		module->count++;
		names = end + more;
	}
	return true;
}

static void read_aliases(struct module *m, char *line)
{
	char *to = line, *word;

	m->aliases = to;
	while ((word = next_word(&line))) {
		size_t size = strlen(word) + 1;

		memmove(to, word, size);
		to += size;
	}
	m->aliases_end = to;
}

static bool read_line(struct modules *m, char *line)
{
	struct module *module = &m->list[m->count];
	char *name = next_word(&line), *path = next_word(&line), *flags = next_word(&line);
	char *dependencies = next_word(&line);

	*module = (struct module){.name = name, .path = path};
	if (!dependencies || *path != '/' || !read_flags(module, flags) ||
		!read_dependencies(m, module, dependencies))
		return false;
	read_aliases(module, line);
	m->count++;
	return true;
}

bool modules_parse(struct modules *m, char *text, size_t length, struct fault *fault)
{
	char *end = text + length;

	m->count = m->dependency_count = 0;
	for (unsigned number = 1; text < end; number++) {
		char *line = text, *line_end = memchr(text, '\n', (size_t)(end - text));

		if (!line_end)
			line_end = end;
		*line_end = 0;
		text = line_end + 1;
		if (!*line || *line == '#')
			continue;
		if (m->count == MODULES_MAX)
			return fault_set(fault, FAULT_MODULE_LOAD,
				"(line %u of /lanyard/modules: more than %u)", number, (unsigned)MODULES_MAX);
		if (!read_line(m, line))
			return fault_set(fault, FAULT_MODULE_LOAD,
				"(line %u of /lanyard/modules is malformed)", number);
	}
	return true;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

int modules_find(const struct modules *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (same_name(m->list[i].name, name))
			return (int)i;
	return -1;
}

bool modules_match(const struct module *module, const char *modalias)
{
	for (const char *p = module->aliases; p < module->aliases_end; p += strlen(p) + 1)
		if (pattern_match(p, modalias))
			return true;
	return false;
}
