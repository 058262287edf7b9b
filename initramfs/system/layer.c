// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/layer.h"

#include "initramfs/file.h"
#include "netstack/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define ROOM "/run/lanyard"

bool layer_bind(const char *ours, const char *path)
{
	return mount(ours, path, NULL, MS_BIND, NULL) == 0;
}

bool layer_file(enum layer layer, const char *path, const char *contents, size_t length)
{
	char ours[256], *slash;
	struct text t = text_of(ours, sizeof ours);
	struct stat st;

	if (layer == LAYER_OVERLAY)
		return file_write(path, contents, length);
	if (stat(path, &st) < 0)
		return false;
	text_format(&t, ROOM "%s", path);
	if (t.cut) {
		errno = ENAMETOOLONG;
		return false;
	}
	slash = strrchr(ours, '/');
	*slash = 0;
	if (!file_make_directories(ours))
		return false;
	*slash = '/';
	return file_write(ours, contents, length) && layer_bind(ours, path);
}
