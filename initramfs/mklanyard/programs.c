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
	if (machine && elf.machine != machine)
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

// Lanyard's own for that machine: in the same folder as this program, else where `make install`
// puts it.
static void our_init(uint16_t machine, char *path, size_t size)
{
	const char *name = machine == ELF_AARCH64 ? "init-arm64" : "init";
	char installed[64];

	beside_us(name, path, size);
	if (access(path, F_OK) == 0)
		return;
	snprintf(installed, sizeof installed, "../lib/lanyard/%s", name);
	beside_us(installed, path, size);
}

bool programs_init(const char *path, uint16_t machine, struct buffer *to, struct fault *f)
{
	char ours[PATH_MAX];

	if (!path)
		our_init(machine, ours, sizeof ours);
	if (!tree_read_host(path ? path : ours, PROGRAM_LIMIT, to, f)) {
		f->id = FAULT_IMAGE_PROGRAM;
		return false;
	}
	return fits(path ? path : ours, machine, to, f);
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
