// SPDX-License-Identifier: BSD-2-Clause
// /run is mounted without noexec: the shutdown program that the running system finds there is to be
// executed.
#include "initramfs/early.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *type, *target, *options;
	unsigned long flags;
} mounts[] = {
	{"devtmpfs", "/dev", "mode=0755", MS_NOSUID},
	{"proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"tmpfs", "/run", "mode=0755,size=20%", MS_NOSUID | MS_NODEV},
};

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	for (int to = STDIN_FILENO; fd >= 0 && to <= STDERR_FILENO; to++)
		if (fd != to)
			dup2(fd, to);
	if (fd > STDERR_FILENO)
		close(fd);
}

bool early_mounts(struct fault *fault)
{
	bool fine = true;

	umask(022);
	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
		mkdir(mounts[i].target, 0755);
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
			mounts[i].options) < 0 && errno != EBUSY)
			fine = fault_set(fault, FAULT_INIT_MOUNT, "(%s: %s)", mounts[i].target,
				strerror(errno));
	}
	// Programs of all users keep their locks there; /var/lock leads to it.
	if (mkdir("/run/lock", 01777) == 0)
		chmod("/run/lock", 01777);
	open_console();
	return fine;
}
