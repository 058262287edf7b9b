// SPDX-License-Identifier: BSD-2-Clause
// A process of its own for each request. It shares nothing with process 1 but the list: where both
// want the same module, the kernel lets the second wait for the first.
#include "initramfs/modules/modprobe.h"

#include "initramfs/file.h"
#include "initramfs/modules/loader.h"
#include "initramfs/modules/module_files.h"

#include <string.h>
#include <unistd.h>

static const char setting[] = "/proc/sys/kernel/modprobe";

static char before[256]; // the program that was set; "" while ours is not

void modprobe_begin(void)
{
	char self[256], old[sizeof before];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length <= 0 || file_read(setting, old, sizeof old) <= 0)
		return;
	self[length] = 0;
	old[strcspn(old, "\n")] = 0;
	if (file_set(setting, self))
		memcpy(before, old, sizeof before);
}

void modprobe_end(void)
{
	if (before[0])
		file_set(setting, before);
	before[0] = 0;
}

// ---- the other role -----------------------------------------------------------------------------

static struct modules modules;
static struct cmdline cmdline;
static bool tried[MODULES_MAX];

static bool read_lists(void)
{
	char text[CMDLINE_SIZE];
	ssize_t length = file_read("/proc/cmdline", text, sizeof text);
	struct fault ignored; // process 1 has said it already
	size_t size;
	char *list = module_files_load(&size);

	cmdline_parse(&cmdline, text, length < 0 ? 0 : (size_t)length);
	return list && modules_parse(&modules, list, size, &ignored);
}

// Dependencies stand below their owner in the list, so this ends.
static bool load(size_t index)
{
	const struct module *m = &modules.list[index];

	if (tried[index])
		return true;
	tried[index] = true;
	for (size_t i = 0; i < m->count; i++)
		load(modules.dependencies[m->first + i]);
	return loader_insert(m, &cmdline) == 0;
}

static bool fits(const struct module *m, const char *alias)
{
	return (m->flags & MODULE_BY_ALIAS) && modules_match(m, alias) &&
		!cmdline_blacklisted(&cmdline, m->name);
}

static bool load_named(const char *name)
{
	int index = modules_find(&modules, name);
	bool any = false;

	if (index >= 0)
		return load((size_t)index);
	for (size_t i = 0; i < modules.count; i++)
		if (fits(&modules.list[i], name))
			any |= load(i);
	return any;
}

int modprobe_main(int argc, char **argv)
{
	if (argc != 4 || strcmp(argv[1], "-q") != 0 || strcmp(argv[2], "--") != 0) {
		static const char usage[] = "init: this program is process 1, or loads what the kernel "
			"asks for: -q -- MODULE\n";

		return write(STDERR_FILENO, usage, sizeof usage - 1) < 0 ? 111 : 100;
	}
	return read_lists() && load_named(argv[3]) ? 0 : 1;
}
