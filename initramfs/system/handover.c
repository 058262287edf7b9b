// SPDX-License-Identifier: BSD-2-Clause
// The switch. Before anything is deleted it is made sure that "/" is a file system in memory that
// holds this very program, and nothing on another file system is touched.
#include "initramfs/system/handover.h"

#include "initramfs/child.h"
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/root/swap.h"
#include "initramfs/root/tmpfs.h"
#include "initramfs/system/etcfiles.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/mountunits.h"
#include "initramfs/system/resolver.h"
#include "initramfs/system/runfiles.h"
#include "initramfs/system/shutdown.h"
#include "initramfs/system/upgrade.h"
#include "initramfs/wallclock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { DEPTH_MOST = 32, NOT_FOUND = 100 };

// The kernel's own list; init= replaces it as a whole.
static const char *const programs[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};

enum { PROGRAMS = sizeof programs / sizeof *programs };

// ---- the program to start -----------------------------------------------------------------------

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

// Runs inside the root, so that links there lead where they will lead later.
static int find_program(void *argument)
{
	const char *init = argument;

	if (init)
		return is_program(init) ? 0 : NOT_FOUND;
	for (size_t i = 0; i < PROGRAMS; i++)
		if (is_program(programs[i]))
			return (int)i;
	return NOT_FOUND;
}

const char *handover_find_init(const struct handover *h, struct fault *fault)
{
	const char *init = h->cmdline->init;
	int found = child_run(h->root, find_program, (void *)init, "the root to answer");

	if (found >= 0 && found < (int)PROGRAMS)
		return init ? init : programs[found];
	fault_set(fault, FAULT_NO_INIT, "(%s:%s has no %s)", h->network->root_server,
		h->network->root_path, init ? init : "/sbin/init, /etc/init, /bin/init or /bin/sh");
	return NULL;
}

// ---- what is laid over the root -----------------------------------------------------------------

static void write_klibc(const struct netconf *network)
{
	char path[64], contents[4096];
	struct text p = text_of(path, sizeof path), t = text_of(contents, sizeof contents);

	text_format(&p, "/run/net-%s.conf", network->device);
	netconf_klibc(network, &t);
	if (t.cut || !file_write(path, contents, t.length))
		milestone_notice("%s: %s", path, t.cut ? "too long" : strerror(errno));
}

// The lease's name, else the name servers', else one of the card's address.
static void own_name(const struct handover *h, char name[IDENTITY_NAME])
{
	char given[NETCONF_HOSTNAME];

	netconf_hostname(h->network->lease->hostname, given);
	identity_hostname(given[0] ? given : h->found_name, h->hwaddr, name);
}

static void set_hostname(const struct handover *h)
{
	char name[IDENTITY_NAME];

	own_name(h, name);
	if (sethostname(name, strlen(name)) < 0)
		milestone_notice("host name %s: %s", name, strerror(errno));
}

static void move_mount(const char *root, const char *from)
{
	char to[64];
	struct text t = text_of(to, sizeof to);

	text_format(&t, "%s%s", root, from);
	if (mount(from, to, NULL, MS_MOVE, NULL) < 0)
		milestone_notice("%s of the root: %s", from, strerror(errno));
}

struct laying {
	const struct handover *h;
	const char *init;
};

static bool is_systemd(const char *init)
{
	char path[PATH_MAX];
	const char *name = realpath(init, path) ? strrchr(path, '/') : NULL;

	return name && strcmp(name, "/systemd") == 0;
}

static void lay_run(const struct handover *h, bool systemd)
{
	struct runfiles r = {
		.lease = h->network->lease,
		.device = h->network->device,
		.below = h->below,
		.hwaddr = h->hwaddr,
		.layer = h->layer,
		.systemd = systemd,
		.keep_network = cmdline_keeps(h->cmdline, "network"),
		.keep_jobs = cmdline_keeps(h->cmdline, "jobs"),
	};

	runfiles_write(&r);
}

static void lay_etc(const struct handover *h, bool systemd, const char *id)
{
	char name[IDENTITY_NAME], given[IDENTITY_NAME];
	struct etcfiles e = {
		.lease = h->network->lease,
		.device = h->network->device,
		.below = h->below,
		.layer = h->layer,
		.systemd = systemd,
		.hostname = name,
		.machine_id = id,
		.keep_hostname = cmdline_keeps(h->cmdline, "hostname"),
		.keep_machine_id = cmdline_keeps(h->cmdline, "machine-id"),
		.keep_fstab = cmdline_keeps(h->cmdline, "fstab"),
		.keep_jobs = cmdline_keeps(h->cmdline, "jobs"),
		.keep_network = cmdline_keeps(h->cmdline, "network"),
	};

	netconf_hostname(h->network->lease->hostname, given);
	e.given = given[0];
	own_name(h, name);
	etcfiles_lay(&e);
}

static int lay(void *argument)
{
	const struct laying *l = argument;
	const struct handover *h = l->h;
	bool systemd = is_systemd(l->init);
	char id[IDENTITY_ID];

	identity_machine_id(h->uuid, h->hwaddr, id);
	tmpfs_mount(h->cmdline->tmpfs ? h->cmdline->tmpfs : TMPFS_DEFAULT);
	if (!cmdline_keeps(h->cmdline, "resolver"))
		resolver_lay(h->network->lease, h->layer, id);
	lay_run(h, systemd);
	lay_etc(h, systemd, id);
	if (!cmdline_keeps(h->cmdline, "boot"))
		upgrade_ease(h->layer);
	if (systemd)
		mountunits_leave();
	wallclock_correct(h->network->lease, h->network->root_server);
	if (h->cmdline->swap)
		swap_start(h->cmdline->swap);
	return 0;
}

void handover_prepare(const struct handover *h, const char *init)
{
	static const char *const mounts[] = {"/dev", "/proc", "/sys", "/run"};
	struct laying l = {h, init};

	write_klibc(h->network);
	set_hostname(h);
	if (!shutdown_install())
		milestone_notice("no shutdown program: %s", strerror(errno));
	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
		move_mount(h->root, mounts[i]);
	if (child_run(h->root, lay, &l, "the root to answer") != 0)
		milestone_notice("not everything could be laid over the root");
}

// ---- freeing the initramfs ----------------------------------------------------------------------

static void delete_below(int directory, dev_t device, unsigned depth)
{
	DIR *dir = fdopendir(directory);

	if (!dir) {
		close(directory);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		const char *name = entry->d_name;
		struct stat st;
		int fd;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
			fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != device)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			unlinkat(dirfd(dir), name, 0);
			continue;
		}
		fd = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && depth < DEPTH_MOST)
			delete_below(fd, device, depth + 1);
		else if (fd >= 0)
			close(fd);
		unlinkat(dirfd(dir), name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static bool is_initramfs(int root, struct stat *st)
{
	struct statfs fs;
	struct stat self;

	return fstat(root, st) == 0 && fstatfs(root, &fs) == 0 &&
		(fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC) &&
		fstatat(root, "init", &self, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(self.st_mode) &&
		self.st_dev == st->st_dev;
}

static void free_initramfs(int root)
{
	struct stat st;

	if (getpid() == 1 && is_initramfs(root, &st)) {
		delete_below(root, st.st_dev, 0);
		return;
	}
	milestone_notice("the initramfs is not freed: / is not what it should be");
	close(root);
}

// ---- the switch ---------------------------------------------------------------------------------

extern char **environ;

bool handover_switch(const struct handover *h, const char *init, char **argv, struct fault *fault)
{
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || chdir(h->root) < 0)
		return fault_set(fault, FAULT_INIT_MOUNT, "(%s: %s)", h->root, strerror(errno));
	free_initramfs(old);
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fault_set(fault, FAULT_INIT_MOUNT, "(moving the root: %s)", strerror(errno));
	etcfiles_tell(is_systemd(init));
	runfiles_tell();
	argv[0] = (char *)init;
	execve(init, argv, environ);
	return fault_set(fault, FAULT_NO_INIT, "(%s: %s)", init, strerror(errno));
}
