// SPDX-License-Identifier: BSD-2-Clause
// The swap area's header is written here (mm/swapfile.c of Linux, union swap_header): version and last
// page at 1024 bytes, the signature at the end of the first page.
#include "initramfs/root/swap.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/root/tmpfs_list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_MOST = 65536, HEADER = 1024, PRIORITY = 100 };

#define DEVICE "/dev/zram0"

static bool read_size(const char *value, uint64_t *bytes)
{
	struct sysinfo info;
	uint64_t memory = 0;

	if (sysinfo(&info) == 0)
		memory = (uint64_t)info.totalram * info.mem_unit;
	*bytes = memory / 2;
	if (strcmp(value, "zram") == 0)
		return memory != 0;
	return text_starts(value, "zram:") && tmpfs_size(value + 5, strlen(value + 5), memory, bytes);
}

static void load_module(void)
{
	char *const argv[] = {"modprobe", "-q", "zram", NULL};
	static const char *const places[] = {"/sbin/modprobe", "/usr/sbin/modprobe", "/bin/modprobe"};
	pid_t pid;

	if (access("/sys/block/zram0", F_OK) == 0)
		return;
	pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < sizeof places / sizeof *places; i++)
			execv(places[i], argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool write_header(uint64_t bytes)
{
	static uint8_t page[PAGE_MOST];
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t words[2] = {1, (uint32_t)(bytes / size) - 1};
	int fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0 || size > sizeof page)
		return false;
	memcpy(page + HEADER, words, sizeof words);
	memcpy(page + size - 10, "SWAPSPACE2", 10);
	good = write(fd, page, size) == (ssize_t)size;
	close(fd);
	return good;
}

void swap_start(const char *value)
{
	char text[24];
	struct text t = text_of(text, sizeof text);
	uint64_t bytes;

	if (!read_size(value, &bytes)) {
		milestone_notice("lanyard.swap=%s: use zram[:SIZE]", value);
		return;
	}
	load_module();
	text_format(&t, "%llu", (unsigned long long)bytes);
	if (!file_set("/sys/block/zram0/disksize", text))
		milestone_notice("no swap: zram: %s", strerror(errno));
	else if (!write_header(bytes) || swapon(DEVICE, SWAP_FLAG_PREFER | PRIORITY) < 0)
		milestone_notice("no swap: %s: %s", DEVICE, strerror(errno));
	else
		milestone("%llu MB of swap in compressed memory", (unsigned long long)(bytes >> 20));
}
