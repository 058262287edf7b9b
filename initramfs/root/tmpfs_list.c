// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/root/tmpfs_list.h"

#include <string.h>

enum { MODE_MOST = 07777, MODE_DIGITS = 5 };

static bool is_percentage(const char *text, size_t length)
{
	uint32_t n;

	return length > 1 && text[length - 1] == '%' && text_u32(text, length - 1, 10, &n) && n >= 1 &&
		n <= 100;
}

bool tmpfs_size(const char *text, size_t length, uint64_t memory, uint64_t *bytes)
{
	static const char units[] = "kmg";
	unsigned shift = 0;
	uint64_t n;

	if (is_percentage(text, length)) {
		text_u64(text, length - 1, 10, &n);
		*bytes = memory / 100 * n;
		return true;
	}
	for (unsigned i = 0; length && i < 3; i++)
		if ((text[length - 1] | 0x20) == units[i])
			shift = 10 * (i + 1);
	if (!text_u64(text, shift ? length - 1 : length, 10, &n) || !n || n > UINT64_MAX >> 1 >> shift)
		return false;
	*bytes = n << shift;
	return true;
}

static bool is_mode(const char *text, size_t length)
{
	unsigned mode = 0;

	if (!length || length > MODE_DIGITS)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '7')
			return false;
		mode = mode * 8 + (unsigned)(text[i] - '0');
	}
	return mode <= MODE_MOST;
}

// What programs of all users write to.
static const char *usual_mode(const char *path)
{
	const char *last = strrchr(path, '/');

	return strcmp(last, "/tmp") == 0 || strcmp(last, "/lock") == 0 ? "1777" : "0755";
}

static bool refuse(struct tmpfs_entry *e, const char *at, size_t length)
{
	struct text t = text_of(e->options, sizeof e->options);

	e->path[0] = 0;
	text_foreign(&t, at, length);
	return false;
}

// One NAME=VALUE behind a path.
static bool read_option(struct tmpfs_entry *e, const char *at, size_t length, struct text *to,
	bool *has_mode)
{
	const char *value = memchr(at, '=', length);
	size_t rest = value ? length - (size_t)(++value - at) : 0;
	uint64_t bytes;
	uint32_t n;
	bool good = value && ((text_starts(at, "size=") && tmpfs_size(value, rest, 1 << 30, &bytes)) ||
		(text_starts(at, "mode=") && is_mode(value, rest) && (*has_mode = true)) ||
		(text_starts(at, "nr_inodes=") && text_u32(value, rest, 10, &n) && n));

	if (!good)
		return refuse(e, at, length);
	if (to->length)
		text_putc(to, ',');
	text_append(to, at, length);
	return !to->cut || refuse(e, at, length);
}

static bool read_entry(struct tmpfs_entry *e, const char *at, size_t length)
{
	char options[TMPFS_OPTIONS - sizeof ",mode=0755"];
	struct text t = text_of(options, sizeof options), all = text_of(e->options, sizeof e->options);
	size_t path = strcspn(at, ":,");
	bool has_mode = false;

	if (*at != '/' || path >= sizeof e->path)
		return refuse(e, at, length);
	memcpy(e->path, at, path);
	e->path[path] = 0;
	while (path < length) {
		size_t option = strcspn(at + path + 1, ":,");

		if (!read_option(e, at + path + 1, option, &t, &has_mode))
			return false;
		path += 1 + option;
	}
	text_format(&all, "%s%s", options, has_mode ? "" : t.length ? ",mode=" : "mode=");
	text_format(&all, "%s", has_mode ? "" : usual_mode(e->path));
	return true;
}

bool tmpfs_next(const char **list, struct tmpfs_entry *entry)
{
	size_t length;

	*list += strspn(*list, ",");
	length = strcspn(*list, ",");
	if (!length)
		return false;
	read_entry(entry, *list, length);
	*list += length;
	return true;
}
