// SPDX-License-Identifier: BSD-2-Clause
// The names of the files tell their order: a module stands behind what it depends on in the image of
// all parts, and so it does in an image that lacks some of them.
#define _GNU_SOURCE
#include "initramfs/modules/module_files.h"
#include "initramfs/file.h"
#include "initramfs/modules/modules.h"
#include "netstack/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char list[] = "/lanyard/modules", folder[] = "/lanyard/modules.d";

// Appends the file to *text. False with errno; then *text is as before.
static bool append(char **text, size_t *length, const char *path)
{
	size_t more;
	char *bytes = file_load(path, MODULES_FILE - *length, &more), *both;

	if (!bytes)
		return false;
	both = realloc(*text, *length + more + 1);
	if (both) {
		memcpy(both + *length, bytes, more + 1);
		*length += more;
		*text = both;
	}
	free(bytes);
	return both != NULL;
}

static bool append_folder(char **text, size_t *length)
{
	struct dirent **names;
	char path[sizeof folder + 1 + NAME_MAX];
	int count = scandir(folder, &names, NULL, alphasort);
	bool good = count >= 0 || errno == ENOENT;

	for (int i = 0; i < count; i++) {
		struct text t = text_of(path, sizeof path);

		text_format(&t, "%s/%s", folder, names[i]->d_name);
		good = good && (names[i]->d_name[0] == '.' || append(text, length, path));
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return good;
}

char *module_files_load(size_t *length)
{
	char *text = NULL;

	*length = 0;
	if ((append(&text, length, list) || errno == ENOENT) && append_folder(&text, length)) {
		if (!text)
			errno = ENOENT;
		return text;
	}
	free(text);
	return NULL;
}
