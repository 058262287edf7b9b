// SPDX-License-Identifier: BSD-2-Clause
// By DefaultDependencies=no (systemd.mount(5)) a mount is no longer one that umount.target ends.
#include "initramfs/system/mountunits.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/mountpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOUNTS = 64 << 10 };

static const char drop_in[] = "[Unit]\nDefaultDependencies=no\n";

// Not what the kernel and systemd mount themselves.
static bool is_ours(const char *path)
{
	static const char *const others[] = {"/dev", "/proc", "/sys", "/run"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t length = strlen(others[i]);

		if (strncmp(path, others[i], length) == 0 && (!path[length] || path[length] == '/'))
			return text_starts(path, "/run/lanyard/");
	}
	return path[0] == '/' && path[1];
}

static void leave(const char *path)
{
	char directory[400];
	struct text t = text_of(directory, sizeof directory);

	text_format(&t, "/run/systemd/system/");
	mountpoints_unit(path, &t);
	text_format(&t, ".d");
	if (!t.cut && !file_write_in(directory, "lanyard.conf", drop_in, sizeof drop_in - 1))
		milestone_notice("%s: %s", directory, strerror(errno));
}

void mountunits_leave(void)
{
	char path[256], *mounts = malloc(MOUNTS);
	ssize_t length = mounts ? file_read("/proc/self/mounts", mounts, MOUNTS) : -1;
	struct text_view rest = {mounts, length > 0 ? (size_t)length : 0};

	while (mountpoints_next(&rest, path, sizeof path))
		if (is_ours(path))
			leave(path);
	free(mounts);
}
