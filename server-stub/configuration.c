// SPDX-License-Identifier: BSD-2-Clause
// libinih splits the lines; it would take the rest of a long line for a line of its own, so the
// reader here looks at their lengths and counts them.
#include "server-stub/configuration.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parse {
	struct options *options;
	const char *name;
	FILE *file;
	unsigned line;
	struct fault *fault; // the first one counts
};

static bool refuse(struct parse *p, const char *word, const char *problem, const char *value)
{
	if (p->fault->id)
		return false;
	return fault_set(p->fault, FAULT_SERVER_CONFIGURATION, "(%s:%u: '%s' %s%s%s%s)", p->name,
		p->line, word, problem, *value ? ", not '" : "", value, *value ? "'" : "");
}

static char *next_line(char *line, int size, void *stream)
{
	struct parse *p = stream;
	size_t length;

	if (p->fault->id || !fgets(line, size, p->file))
		return NULL;
	p->line++;
	length = strlen(line);
	if (length && line[length - 1] != '\n' && !feof(p->file)) {
		refuse(p, "this line", "is longer than 198 characters", "");
		return NULL;
	}
	return line;
}

static int take(void *context, const char *section, const char *word, const char *value)
{
	struct parse *p = context;
	char *kept = strdup(value ? value : "");
	const char *problem;

	if (!kept)
		abort();
	if (*section)
		return refuse(p, section, "is a section, and there are none", "");
	problem = options_set(p->options, word, kept, true);
	if (!problem)
		return 1;
	return refuse(p, word, problem, problem == OPTIONS_UNKNOWN ? "" : kept);
}

static bool parse(struct parse *p)
{
	int bad = ini_parse_stream(next_line, p, take, p);

	if (p->fault->id)
		return false;
	if (bad) {
		p->line = bad > 0 ? (unsigned)bad : 0;
		return refuse(p, "this line", "is not 'word = value'", "");
	}
	return true;
}

bool configuration_read(struct options *o, struct fault *f)
{
	struct parse p = {
		.options = o, .name = o->file ? o->file : CONFIGURATION_DEFAULT, .fault = f};
	bool good;

	fault_clear(f);
	p.file = fopen(p.name, "re");
	if (!p.file && errno == ENOENT && !o->file)
		return true;
	if (!p.file)
		return fault_set(
			f, FAULT_SERVER_CONFIGURATION, "(%s: %s)", p.name, strerror(errno));
	good = parse(&p);
	fclose(p.file);
	return good;
}
