// SPDX-License-Identifier: BSD-2-Clause
// A server that is gone must not keep the machine from going off: unmounting happens in a child, which
// is given some seconds.
#include "initramfs/system/shutdown.h"

#include "initramfs/clock.h"
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/mountpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PATIENCE = 8000, // ms for unmounting
	LOOK = 20,
	PASSES = 20,     // what lies on another mount goes with a later pass, and processes end meanwhile
	PAUSE = 50,      // ms between them
	MOUNTS = 64 << 10,
	INTERFACES = 255, // highest index looked at
};

#define ROOM "/run/initramfs"

// ---- installing ---------------------------------------------------------------------------------

static bool copy_self(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	struct stat st;
	bool good = in >= 0 && out >= 0 && fstat(in, &st) == 0 &&
		sendfile(out, in, NULL, (size_t)st.st_size) == st.st_size;
	int error = errno;

	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = error;
	return good;
}

bool shutdown_install(void)
{
	static const char *const directories[] = {
		ROOM "/dev", ROOM "/proc", ROOM "/sys", ROOM "/run", ROOM "/oldroot",
	};

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		if (!file_make_directories(directories[i]))
			return false;
	return copy_self(ROOM "/shutdown");
}

// ---- the other role -----------------------------------------------------------------------------

bool shutdown_is_meant(const char *name)
{
	const char *last = strrchr(name, '/');

	return strcmp(last ? last + 1 : name, "shutdown") == 0;
}

static bool is_old(const char *path)
{
	return (text_starts(path, "/oldroot") && (!path[8] || path[8] == '/')) ||
		text_starts(path, "/run/lanyard/");
}

// Cuts the last line off `mounts`; gives its mount point, NULL when there is none left.
static char *last_mount(char *mounts)
{
	size_t length = strlen(mounts);
	char *line, *point;

	while (length && mounts[length - 1] == '\n')
		mounts[--length] = 0;
	if (!length)
		return NULL;
	line = strrchr(mounts, '\n');
	line = line ? line + 1 : mounts;
	point = strchr(line, ' ');
	if (point) {
		point++;
		point[strcspn(point, " ")] = 0;
		memmove(line + 1, point, strlen(point) + 1);
		mountpoints_decode(line + 1);
	}
	*line = 0;
	return point ? line + 1 : line;
}

// One pass, the latest mounts first; gives how many are left. The last pass says why.
static int unmount_pass(bool last)
{
	static char mounts[MOUNTS];
	char *point;
	int left = 0;

	file_read("/proc/self/mounts", mounts, sizeof mounts);
	while ((point = last_mount(mounts)))
		if (is_old(point) && umount2(point, 0) < 0) {
			left++;
			if (last)
				milestone_notice("%s stays mounted: %s", point, strerror(errno));
		}
	return left;
}

static int unmount(void)
{
	for (int pass = 1; pass <= PASSES; pass++) {
		if (!unmount_pass(pass == PASSES))
			return 0;
		poll(NULL, 0, PAUSE);
	}
	return 1;
}

static void unmount_in_time(void)
{
	uint64_t end = clock_ms() + PATIENCE;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unmount());
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
		if (clock_ms() >= end) {
			milestone_notice("the root cannot be unmounted in %u s: its server is silent",
				PATIENCE / 1000);
			return;
		}
		poll(NULL, 0, LOOK);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		milestone("the root is unmounted");
}

// Drivers are not all fit to be shut down with their interface up: virtio_net may then wait for its card
// for ever.
static void stop_networks(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (int index = 1; fd >= 0 && index <= INTERFACES; index++) {
		struct ifreq r = {.ifr_ifindex = index};

		if (ioctl(fd, SIOCGIFNAME, &r) < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0)
			continue;
		r.ifr_flags &= (short)~IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &r);
	}
}

static int command_of(const char *verb)
{
	static const struct {
		const char *verb;
		unsigned command;
	} commands[] = {
		{"poweroff", LINUX_REBOOT_CMD_POWER_OFF},
		{"halt", LINUX_REBOOT_CMD_HALT},
		{"kexec", LINUX_REBOOT_CMD_KEXEC},
	};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(verb, commands[i].verb) == 0)
			return (int)commands[i].command;
	return (int)LINUX_REBOOT_CMD_RESTART;
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int to = STDIN_FILENO; fd >= 0 && to <= STDERR_FILENO; to++)
		dup2(fd, to);
}

void shutdown_main(int argc, char **argv)
{
	milestone_begin(clock_ms(), false);
	open_console();
	mount("proc", "/proc", "proc", 0, NULL); // if it did not come along
	kill(-1, SIGKILL); // the lease keeper: what it has open lies on mounts of the old root
	unmount_in_time();
	stop_networks();
	reboot(command_of(argc > 1 ? argv[1] : "reboot"));
	reboot(RB_AUTOBOOT); // kexec without a kernel loaded
	for (;;)
		poll(NULL, 0, -1);
}
