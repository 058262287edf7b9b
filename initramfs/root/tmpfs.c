// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/root/tmpfs.h"

#include "initramfs/milestone.h"
#include "initramfs/root/tmpfs_list.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void mount_one(const struct tmpfs_entry *e)
{
	struct stat st;

	if (lstat(e->path, &st) < 0 && (errno != ENOENT || mkdir(e->path, 0755) < 0)) {
		milestone_notice("no tmpfs on %s: %s", e->path, strerror(errno));
		return;
	}
	if (lstat(e->path, &st) == 0 && !S_ISDIR(st.st_mode))
		return;
	if (mount("tmpfs", e->path, "tmpfs", MS_NOSUID | MS_NODEV, e->options) < 0)
		milestone_notice("no tmpfs on %s: %s", e->path, strerror(errno));
}

void tmpfs_mount(const char *list)
{
	struct tmpfs_entry e;

	while (tmpfs_next(&list, &e)) {
		if (e.path[0])
			mount_one(&e);
		else
			milestone_notice("lanyard.tmpfs=: '%s' is left out: it takes absolute paths with :size=, "
				":mode= or :nr_inodes=", e.options);
	}
}
