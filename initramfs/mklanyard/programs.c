// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/programs.h"
#include "initramfs/mklanyard/elf.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROGRAM_LIMIT = 64 << 20 };

static bool fits(const char *name, uint16_t machine, const struct buffer *content, struct fault *f)
{
	struct elf elf;

	if (!elf_open(&elf, content->bytes, content->length))
		return fault_set(f, FAULT_IMAGE_PROGRAM, "('%s' is no 64-bit program)", name);
	if (!elf_is_static_program(&elf))
		return fault_set(f, FAULT_IMAGE_PROGRAM, "('%s' is not static)", name);
	if (elf.machine != machine)
		return fault_set(f, FAULT_IMAGE_PROGRAM, "('%s' is for %s, the kernel for %s)",
			name, elf_machine_name(elf.machine), elf_machine_name(machine));
	return true;
}

// The path of `relative` seen from the directory of the running program.
static void beside_us(const char *relative, char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[length < 0 ? 0 : length] = 0;
	slash = strrchr(path, '/');
	if (slash)
		snprintf(slash + 1, size - (size_t)(slash + 1 - path), "%s", relative);
}

bool programs_init(const char *path, uint16_t machine, struct buffer *to, struct fault *f)
{
	char ours[PATH_MAX];

	if (!path) {
		path = ours;
		beside_us("init", ours, sizeof ours);
		if (access(ours, F_OK) < 0)
			beside_us("../lib/lanyard/init", ours, sizeof ours);
	}
	if (!tree_read_host(path, PROGRAM_LIMIT, to, f)) {
		f->id = FAULT_IMAGE_PROGRAM;
		return false;
	}
	return fits(path, machine, to, f);
}

bool programs_busybox(const struct tree *t, uint16_t machine, struct buffer *to, struct fault *f)
{
	static const char *const places[] = {
		"bin/busybox", "usr/bin/busybox", "bin/busybox.static"};
	char host[64];
	struct fault ignored;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (tree_read(t, places[i], PROGRAM_LIMIT, to, &ignored) &&
			fits(places[i], machine, to, &ignored))
			return true;
		buffer_free(to);
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(host, sizeof host, "/%s", places[i]);
		if (tree_read_host(host, PROGRAM_LIMIT, to, &ignored) &&
			fits(host, machine, to, &ignored))
			return true;
		buffer_free(to);
	}
	return fault_set(f, FAULT_IMAGE_PROGRAM,
		"(no static busybox for %s in %s or on this machine)", elf_machine_name(machine),
		t->name);
}
