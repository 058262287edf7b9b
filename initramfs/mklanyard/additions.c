// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/additions.h"
#include "initramfs/mklanyard/say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_LIMIT = 8, COUNT_LIMIT = 4096, LIST_LIMIT = 1 << 20, LINK_LIMIT = 1024 };

static const char list_of_modules[] = "etc/initramfs-tools/modules";

// ---- files -----------------------------------------------------------------------------------

static char *join(const char *folder, const char *name)
{
	struct buffer b = {0};

	buffer_format(&b, "%s%s%s", folder, *folder ? "/" : "", name);
	buffer_add(&b, "", 1);
	return (char *)b.bytes;
}

static char *target_of(int directory, const char *name)
{
	char target[LINK_LIMIT];
	ssize_t length = readlinkat(directory, name, target, sizeof target);

	if (length <= 0 || (size_t)length == sizeof target)
		return NULL;
	target[length] = 0;
	return buffer_copy(target);
}

// `path` is the entry's in the image, `whole` its in the tree.
static bool add_entry(struct additions *a, const struct tree *t, int directory, const char *name,
	const char *path, const char *whole, struct fault *f)
{
	struct addition new = {0};
	struct stat st;

	if (a->count == COUNT_LIMIT)
		return fault_set(f, FAULT_TREE_READ, "('%s' in %s: more than %d files to add)",
			whole, t->name, COUNT_LIMIT);
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true; // gone meanwhile
	if (S_ISLNK(st.st_mode))
		new.target = target_of(directory, name);
	else if (!tree_read(t, whole, TREE_FIRMWARE_LIMIT, &new.content, f))
		return false;
	if (S_ISLNK(st.st_mode) && !new.target)
		return true;
	new.path = buffer_copy(path);
	new.permissions = st.st_mode & 0755;
	a->list = buffer_resize(a->list, a->count + 1, sizeof *a->list);
	a->list[a->count++] = new;
	return true;
}

static bool add_folder(struct additions *a, const struct tree *t, const char *folder,
	const char *path, unsigned depth, struct fault *f)
{
	char *here = *path ? join(folder, path) : buffer_copy(folder);
	struct tree_names names = tree_list(t, *here ? here : ".");
	int directory = tree_open_at(t, *here ? here : ".", O_RDONLY | O_DIRECTORY);
	bool good = true;

	for (size_t i = 0; good && directory >= 0 && i < names.count; i++) {
		size_t length = strlen(names.list[i]);
		bool is_folder = names.list[i][length - 1] == '/';
		char *child, *whole;

		names.list[i][length - is_folder] = 0;
		child = join(path, names.list[i]);
		whole = join(folder, child);
		if (!is_folder)
			good = add_entry(a, t, directory, names.list[i], child, whole, f);
		else if (depth < DEPTH_LIMIT)
			good = add_folder(a, t, folder, child, depth + 1, f);
		free(child);
		free(whole);
	}
	if (directory >= 0)
		close(directory);
	tree_names_free(&names);
	free(here);
	return good;
}

bool additions_collect(
	struct additions *a, const struct tree *t, const char *folder, struct fault *f)
{
	return add_folder(a, t, folder, "", 0, f);
}

void additions_put(const struct additions *a, struct image *i)
{
	for (size_t n = 0; n < a->count; n++) {
		const struct addition *one = &a->list[n];

		if (image_has(i, one->path))
			say_note("/%s is not added: the image has one already", one->path);
		else if (one->target)
			image_add_link(i, one->path, one->target);
		else
			image_add_file(i, one->path, one->permissions, one->content.bytes,
				one->content.length);
	}
}

void additions_free(struct additions *a)
{
	for (size_t n = 0; n < a->count; n++) {
		free(a->list[n].path);
		free(a->list[n].target);
		buffer_free(&a->list[n].content);
	}
	free(a->list);
	*a = (struct additions){0};
}

// ---- modules ---------------------------------------------------------------------------------

static void add_module(struct modules *m, const char *name)
{
	struct fault f;
	bool found;

	if (!tree_is_plain(name) || strchr(name, '/'))
		say_note("%s names '%.40s', which is no module's name", list_of_modules, name);
	else if (!modules_add(m, name, MODULE_DEVICE, &found, &f))
		say_note("%s names %s, which is left out %s", list_of_modules, name, f.facts);
	else if (!found)
		say_note("%s names %s, which kernel %s does not have", list_of_modules, name,
			m->version);
}

// "name arguments # remark". What arguments are for belongs on the kernel's command line.
static void add_line(struct modules *m, char *line)
{
	char *name, *rest;

	line[strcspn(line, "#")] = 0;
	name = line + strspn(line, " \t\r");
	rest = name + strcspn(name, " \t\r");
	if (*rest)
		*rest++ = 0;
	if (!*name)
		return;
	if (rest[strspn(rest, " \t\r")])
		say_note("%s: what stands behind %s has no effect; write %s.NAME=VALUE on the "
			 "kernel's command line",
			list_of_modules, name, name);
	add_module(m, name);
}

void additions_modules(struct modules *m)
{
	struct buffer text = {0};
	struct fault ignored;
	char *line, *next;

	if (tree_read(m->tree, list_of_modules, LIST_LIMIT, &text, &ignored)) {
		buffer_add(&text, "", 1);
		next = (char *)text.bytes;
		while ((line = next)) {
			next = strchr(line, '\n');
			if (next)
				*next++ = 0;
			add_line(m, line);
		}
	}
	buffer_free(&text);
}
