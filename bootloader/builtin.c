// SPDX-License-Identifier: BSD-2-Clause
// What syslinux has modules for (menu.c32, ...) and is part of this program. A module is known by its
// file's name, in whatever directory it is said to lie.
#include "bootloader/boot.h"
#include "bootloader/chain.h"
#include "bootloader/console.h"
#include "bootloader/program.h"
#include "netstack/base/memory.h"

// menu.c32 [file ...]: the menu of this configuration, or of those files.
static bool run_menu(struct boot *b, struct fault *fault)
{
	struct text names = text_of(b->next_config, sizeof b->next_config);

	(void)fault;
	text_append(&names, b->plan.arguments, strlen(b->plan.arguments));
	b->next_prefix[0] = 0;
	b->menu_wanted = true;
	return true;
}

static bool run_reboot(struct boot *b, struct fault *fault)
{
	(void)b;
	console_stage("rebooting");
	platform_reset();
	return fault_set(fault, FAULT_IMAGE_TYPE, ": the machine does not restart");
}

static bool run_power_off(struct boot *b, struct fault *fault)
{
	(void)b;
	console_stage("switching the machine off");
	platform_power_off();
	return fault_set(fault, FAULT_IMAGE_TYPE, ": the firmware cannot switch the machine off");
}

static bool run_chain(struct boot *b, struct fault *fault)
{
	chain_run(b, b->plan.arguments, fault);
	return false;
}

// The length of a list's first part, up to a word "--" or the end; *next is what follows.
static size_t part(const char *list, const char **next)
{
	const char *word = list, *end = list;

	while (*word && !text_is(word, config_word(word), "--")) {
		end = word + config_word(word);
		word = config_skip(end);
	}
	*next = *word ? config_skip(word + config_word(word)) : word;
	return (size_t)(end - list);
}

// ifcpu64.c32 command-for-64-bits [-- command-for-32-bits-with-PAE] -- command-for-32-bits
static bool run_ifcpu64(struct boot *b, struct fault *fault)
{
	const struct platform_cpu *cpu = &b->id->cpu;
	const bool wide = b->id->arch || cpu->extended_edx >> 29 & 1, pae = cpu->edx >> 6 & 1;
	struct text command = text_of(b->next_command, sizeof b->next_command);
	const char *parts[3], *rest = b->plan.arguments;
	size_t lengths[3], count = 0, chosen;

	while (*rest && count < 3) {
		parts[count] = rest;
		lengths[count++] = part(rest, &rest);
	}
	if (count == 0)
		return fault_set(fault, FAULT_IMAGE_TYPE, "(ifcpu64.c32: it names no label)");
	chosen = wide ? 0 : count == 3 && pae ? 1 : count - 1;
	text_append(&command, parts[chosen], lengths[chosen]);
	return true;
}

static const struct module {
	const char *name;
	bool (*run)(struct boot *b, struct fault *fault); // NULL: known, but not here
	const char *why;
} modules[] = {
	{"menu", run_menu, NULL},
	{"vesamenu", run_menu, NULL},
	{"reboot", run_reboot, NULL},
	{"poweroff", run_power_off, NULL},
	{"chain", run_chain, NULL},
	{"ifcpu64", run_ifcpu64, NULL},
	{"mboot", NULL, "Multiboot programs, such as Xen and VMware ESXi, are not supported"},
	{"memdisk", NULL, "use KERNEL with syslinux's program memdisk, without .c32"},
	{"linux", NULL, "use LINUX with the kernel's name"},
	{"pxechn", NULL, "use PXE with the program's name"},
};

// The file's name without directory and ".c32".
static const char *module_name(const char *kernel, size_t *length)
{
	const char *name = kernel;

	for (const char *c = kernel; *c; c++)
		if (*c == '/' || *c == ':')
			name = c + 1;
	*length = strlen(name);
	if (*length > 4 && text_is(name + *length - 4, 4, ".c32"))
		*length -= 4;
	return name;
}

// NULL with *fault if there is no such module here.
static const struct module *find(const char *kernel, struct fault *fault)
{
	const char *why = "a module of syslinux";
	size_t length;
	const char *name = module_name(kernel, &length);

	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (text_is(name, length, modules[i].name)) {
			if (modules[i].run)
				return &modules[i];
			why = modules[i].why;
		}
	fault_set(fault, FAULT_IMAGE_TYPE, "(\"%s\": %s)", kernel, why);
	return NULL;
}

bool builtin_run(struct boot *b, struct fault *fault)
{
	const struct module *module = find(b->plan.kernel, fault);

	return module && module->run(b, fault);
}

bool builtin_check(const struct plan *plan, struct fault *fault)
{
	const struct module *module = find(plan->kernel, fault);
	struct chain_words words;

	return module && (module->run != run_chain ||
		chain_read(&words, plan->arguments, &program_methods, fault));
}
