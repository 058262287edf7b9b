// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/fstab.h"

#include <string.h>

#define MARK "# not on a machine without disks: "

struct field {
	const char *at;
	size_t length;
};

static struct field next_field(const char **line, const char *end)
{
	struct field f;

	while (*line < end && (**line == ' ' || **line == '\t'))
		(*line)++;
	f.at = *line;
	while (*line < end && **line != ' ' && **line != '\t')
		(*line)++;
	f.length = (size_t)(*line - f.at);
	return f;
}

static bool starts(const struct field *f, const char *prefix)
{
	size_t length = strlen(prefix);

	return f->length >= length && memcmp(f->at, prefix, length) == 0;
}

static bool is(const struct field *f, const char *word)
{
	return f->length == strlen(word) && starts(f, word);
}

// /dev/nbd and /dev/rbd are the network's, /dev/zram and /dev/loop memory's and files'.
static bool is_disk(const struct field *device)
{
	static const char *const tags[] = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "ID="};
	static const char *const others[] = {"/dev/nbd", "/dev/rbd", "/dev/zram", "/dev/loop",
		"/dev/shm", "/dev/pts"};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (starts(device, tags[i]))
			return true;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (starts(device, others[i]))
			return false;
	return starts(device, "/dev/");
}

// A directory of the tree itself is no disk, wherever it is bound to.
static bool goes(const char *line, const char *end)
{
	struct field device = next_field(&line, end), directory = next_field(&line, end);
	struct field type = next_field(&line, end);

	if (!device.length || device.at[0] == '#' || !type.length)
		return false;
	return is_disk(&device) || is(&directory, "/") ||
		(is(&type, "swap") && starts(&device, "/") && !starts(&device, "/dev/"));
}

static bool is_entry(const char *line, const char *end)
{
	struct field first = next_field(&line, end);

	return first.length && first.at[0] != '#';
}

static unsigned copy(const char *from, bool (*leaves)(const char *line, const char *end),
	struct text *to)
{
	unsigned count = 0;

	while (*from) {
		size_t length = strcspn(from, "\n");

		if (leaves(from, from + length)) {
			text_format(to, MARK);
			count++;
		}
		text_append(to, from, length);
		text_putc(to, '\n');
		from += length + (from[length] == '\n');
	}
	return count;
}

unsigned fstab_without_disks(const char *fstab, struct text *to)
{
	return copy(fstab, goes, to);
}

unsigned fstab_without_crypt(const char *crypttab, struct text *to)
{
	return copy(crypttab, is_entry, to);
}
