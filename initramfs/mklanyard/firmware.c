// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/firmware.h"
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/say.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_LIMIT = 256, MODULES_SHOWN = 6 };

// What is missing.
struct absence {
	size_t modules;      // that have none of the files which they name
	struct buffer names; // of the first ones
	size_t damaged;      // files that are there and cannot be used
	char example[NAME_LIMIT];
};

// A path below lib/firmware that leads nowhere else.
static bool is_sane(const char *name)
{
	return tree_is_plain(name) && name[0] != '/' && strlen(name) < NAME_LIMIT &&
	       !strstr(name, "..") && name[strlen(name) - 1] != '/' && !strstr(name, "//");
}

static bool read_one(const struct tree *t, const char *folder, const char *sub, const char *name,
	const char *ending, struct buffer *to, struct absence *gone)
{
	struct buffer path = {0};
	struct fault ignored;
	bool good, damaged;
	int fd;

	buffer_format(&path, "%s/%s%s%s%s", folder, sub, *sub ? "/" : "", name, ending);
	buffer_add(&path, "", 1);
	fd = tree_open_at(t, (char *)path.bytes, 0);
	good = fd >= 0 &&
	       tree_read_packed(t, (char *)path.bytes, TREE_FIRMWARE_LIMIT, to, &damaged, &ignored);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !good && !gone->damaged++)
		strncpy(gone->example, name, sizeof gone->example - 1);
	if (!good)
		buffer_free(to);
	buffer_free(&path);
	return good;
}

// Looks in all places for the file.
static bool read_file(
	const struct modules *m, const char *name, struct buffer *to, struct absence *gone)
{
	static const char *const folders[] = {"lib/firmware", "usr/lib/firmware"};
	static const char *const endings[] = {"", ".zst", ".xz"};
	char updates[TREE_VERSION + 16];
	const char *subs[] = {updates, "updates", m->version, ""};

	strcpy(updates, "updates/");
	strncat(updates, m->version, TREE_VERSION);
	for (size_t e = 0; e < sizeof endings / sizeof *endings; e++)
		for (size_t s = 0; s < sizeof subs / sizeof *subs; s++)
			for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
				if (read_one(m->tree, folders[i], subs[s], name, endings[e], to,
					    gone))
					return true;
	return false;
}

static bool has(const struct firmware *w, const char *target)
{
	for (size_t i = 0; i < w->count; i++)
		if (!strcmp(w->list[i].target, target))
			return true;
	return false;
}

// Whether the image has the file now.
static bool add_file(
	struct firmware *w, const struct modules *m, const char *name, struct absence *gone)
{
	struct buffer target = {0}, content = {0};
	bool there;

	buffer_format(&target, "lib/firmware/%s", name);
	buffer_add(&target, "", 1);
	there = has(w, (char *)target.bytes);
	if (there || !read_file(m, name, &content, gone)) {
		buffer_free(&target);
		return there;
	}
	w->list = buffer_resize(w->list, w->count + 1, sizeof *w->list);
	w->list[w->count++] = (struct firmware_file){(char *)target.bytes, content};
	return true;
}

static void add_module(struct firmware *w, const struct modules *m, const struct module *module,
	struct absence *gone)
{
	struct reader modinfo = modules_modinfo(module);
	const char *name;
	bool any = false, found = false;

	while ((name = elf_modinfo_next(&modinfo, "firmware"))) {
		if (!is_sane(name))
			continue;
		any = true;
		found |= add_file(w, m, name, gone);
	}
	if (any && !found && gone->modules++ < MODULES_SHOWN)
		buffer_format(&gone->names, "%s%s", gone->modules > 1 ? ", " : "", module->name);
}

void firmware_collect(struct firmware *w, const struct modules *m)
{
	struct absence gone = {0};

	for (size_t i = 0; i < m->count; i++)
		add_module(w, m, &m->list[i], &gone);
	if (gone.modules)
		say_note("the tree has no firmware for %.*s%s: their cards may not work without",
			(int)gone.names.length, (char *)gone.names.bytes,
			gone.modules > MODULES_SHOWN ? " and others" : "");
	if (gone.damaged)
		say_note("firmware that cannot be read or unpacked is left out: %s%s", gone.example,
			gone.damaged > 1 ? " and others" : "");
	buffer_free(&gone.names);
}

void firmware_free(struct firmware *w)
{
	for (size_t i = 0; i < w->count; i++) {
		free(w->list[i].target);
		buffer_free(&w->list[i].content);
	}
	free(w->list);
	*w = (struct firmware){0};
}
