// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/mountpoints.h"

#include <string.h>

void mountpoints_decode(char *path)
{
	char *to = path;

	for (; *path; path++) {
		if (path[0] == '\\' && path[1] && path[2] && path[3]) {
			*to++ = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0'));
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = 0;
}

bool mountpoints_next(struct text_view *rest, char *path, size_t size)
{
	struct text_view line = text_field(rest, '\n'), point;
	struct text t = text_of(path, size);

	if (!line.length)
		return false;
	text_field(&line, ' ');
	point = text_field(&line, ' ');
	text_append(&t, point.at, point.length);
	if (t.cut)
		path[0] = 0;
	mountpoints_decode(path);
	return true;
}

static bool stays(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
		c == '_' || (c == '.' && !first);
}

void mountpoints_unit(const char *path, struct text *to)
{
	bool first = true;

	for (path++; *path; path++, first = false) {
		if (*path == '/')
			text_putc(to, '-');
		else if (stays(*path, first))
			text_putc(to, *path);
		else
			text_format(to, "\\x%02x", (unsigned)(uint8_t)*path);
	}
	text_format(to, ".mount");
}
