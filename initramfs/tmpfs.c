// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/tmpfs.h"

#include "initramfs/milestone.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

unsigned tmpfs_mode(const char *path)
{
	const char *last = strrchr(path, '/');

	if (last && (strcmp(last, "/tmp") == 0 || strcmp(last, "/lock") == 0))
		return 01777;
	return 0755;
}

static void mount_one(const char *path)
{
	char options[16];
	struct text t = text_of(options, sizeof options);
	unsigned mode = tmpfs_mode(path);
	struct stat st;

	if (lstat(path, &st) < 0 && (errno != ENOENT || mkdir(path, 0755) < 0)) {
		milestone_notice("no tmpfs on %s: %s", path, strerror(errno));
		return;
	}
	if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return;
	text_format(&t, "mode=%u%u%u%u", mode >> 9, mode >> 6 & 7, mode >> 3 & 7, mode & 7);
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		milestone_notice("no tmpfs on %s: %s", path, strerror(errno));
}

void tmpfs_mount(const char *list)
{
	char path[PATH_MAX];

	for (size_t length; *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (!length)
			continue;
		if (*list != '/' || length >= sizeof path) {
			milestone_notice("lanyard.tmpfs= takes absolute paths");
			continue;
		}
		memcpy(path, list, length);
		path[length] = 0;
		mount_one(path);
	}
}
