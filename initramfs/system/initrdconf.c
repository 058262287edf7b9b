// SPDX-License-Identifier: BSD-2-Clause
// It is a piece of a shell script, of which nothing but plain assignments is in use.
#include "initramfs/system/initrdconf.h"

#include <string.h>

#define MARK " # was dep, which needs a local disk"

static bool is_dep(const char *line)
{
	char quote;

	line += strspn(line, " \t");
	if (text_starts(line, "export "))
		line += strlen("export ");
	if (!text_starts(line, "MODULES="))
		return false;
	line += strlen("MODULES=");
	quote = *line == '"' || *line == '\'' ? *line++ : 0;
	if (!text_starts(line, "dep"))
		return false;
	line += strlen("dep");
	if (quote)
		return *line == quote;
	return !*line || strchr(" \t\r\n;#", *line);
}

unsigned initrdconf_for_any_disk(const char *conf, struct text *to)
{
	unsigned count = 0;

	while (*conf) {
		size_t length = strcspn(conf, "\n");

		if (is_dep(conf)) {
			text_format(to, "MODULES=most" MARK);
			count++;
		} else {
			text_append(to, conf, length);
		}
		conf += length;
		if (*conf) {
			text_putc(to, '\n');
			conf++;
		}
	}
	return count;
}
