// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/modules.h"
#include "initramfs/mklanyard/elf.h"

#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_LIMIT = 100, NAME_LIMIT = 64 };

// Some devices only appear when the driver of their bus is there, and no dependency says so: a
// network card on the virtio bus exists once virtio_pci has found a PCI device that speaks virtio.
// Which of a bus's drivers fits, their own aliases tell at boot.
static const struct {
	const char *bus; // how the device's aliases begin
	const char *drivers[5];
} buses[] = {
	{"virtio:", {"virtio_pci", "virtio_mmio"}},
	{"usb:", {"xhci_pci", "ehci_pci", "ohci_pci", "uhci_hcd"}},
};

// The modules being added at the moment, from the innermost outwards: a chain that comes back to
// itself (soft dependencies can) ends there.
struct chain {
	const char *name;
	const struct chain *outer;
	unsigned depth;
};

static bool add_named(struct modules *m, const char *name, enum module_flag flag,
	struct module *needed_by, const struct chain *outer, bool *found, struct fault *f);

struct reader modules_modinfo(const struct module *m)
{
	struct elf elf;

	elf_open(&elf, m->content.bytes, m->content.length);
	return elf_modinfo(&elf);
}

const char *modules_next_device_alias(struct reader *modinfo)
{
	const char *alias;

	while ((alias = elf_modinfo_next(modinfo, "alias")))
		if (strchr(alias, ':') && tree_is_plain(alias))
			return alias;
	return NULL;
}

const char *const *modules_bus_drivers(const char *alias)
{
	for (size_t i = 0; i < sizeof buses / sizeof *buses; i++)
		if (!strncmp(alias, buses[i].bus, strlen(buses[i].bus)))
			return buses[i].drivers;
	return NULL;
}

static bool drives_devices(const struct module *m)
{
	struct reader modinfo = modules_modinfo(m);

	return modules_next_device_alias(&modinfo) != NULL;
}

// A dependency that drives devices of its own (the bus that another module's devices are on) is to
// be loaded for them too, and not only once the other one is.
static enum module_flag flag_for(const struct module *m, enum module_flag wanted)
{
	if (wanted == MODULE_DEPENDENCY && drives_devices(m))
		return MODULE_DEVICE;
	if (wanted == MODULE_DEVICE && !drives_devices(m))
		return MODULE_ALWAYS;
	return wanted;
}

static unsigned strength(enum module_flag flag)
{
	static const char order[] = {
		MODULE_DEPENDENCY, MODULE_DEMAND, MODULE_DEVICE, MODULE_ALWAYS};

	return (unsigned)((const char *)memchr(order, flag, sizeof order) - order);
}

static struct module *find(const struct modules *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->list[i].name, name))
			return &m->list[i];
	return NULL;
}

const struct module *modules_find(const struct modules *m, const char *name)
{
	return find(m, name);
}

static void depend(struct modules *m, struct module *needed_by, const struct module *on)
{
	size_t place = (size_t)(on - m->list);

	for (size_t i = 0; i < needed_by->dependency_count; i++)
		if (needed_by->dependencies[i] == place)
			return;
	needed_by->dependencies = buffer_resize(needed_by->dependencies,
		needed_by->dependency_count + 1, sizeof *needed_by->dependencies);
	needed_by->dependencies[needed_by->dependency_count++] = place;
}

static bool read_content(struct modules *m, struct module *new, struct fault *f)
{
	struct elf elf;

	if (!tree_read_module(m->tree, new->source, &new->content, f))
		return false;
	if (!elf_open(&elf, new->content.bytes, new->content.length) || !elf_is_module(&elf))
		return fault_set(f, FAULT_MODULE_BAD, "('%s'%s)", new->source,
			elf_is_foreign(new->content.bytes, new->content.length)
				? " is for a 32-bit or big-endian machine, which Lanyard does not "
				  "know"
				: "");
	if (m->machine && elf.machine != m->machine)
		return fault_set(f, FAULT_MODULE_BAD, "('%s' is for %s, the others for %s)",
			new->source, elf_machine_name(elf.machine), elf_machine_name(m->machine));
	m->machine = elf.machine;
	return true;
}

// Takes the next word, which ends at one of `ends`, from the list. False after the last, and at a
// word that is too long for a module's name.
static bool next_word(const char **list, const char *ends, char word[NAME_LIMIT])
{
	size_t length;

	*list += strspn(*list, ends);
	length = strcspn(*list, ends);
	if (!length || length >= NAME_LIMIT)
		return false;
	memcpy(word, *list, length);
	word[length] = 0;
	*list += length;
	return true;
}

static bool add_dependencies(
	struct modules *m, struct module *new, const struct chain *chain, struct fault *f)
{
	struct reader modinfo = modules_modinfo(new);
	const char *list;
	char word[NAME_LIMIT];

	while ((list = elf_modinfo_next(&modinfo, "depends")))
		while (next_word(&list, ",", word)) {
			bool found;

			if (!add_named(m, word, MODULE_DEPENDENCY, new, chain, &found, f))
				return false;
			if (!found)
				return fault_set(f, FAULT_MODULE_MISSING,
					"'%s', which %s needs (%s/%s)", word, new->name,
					m->tree->name, m->directory);
		}
	return true;
}

// "pre: a b post: c". Modules exist that leave the "pre:" out, and that name what no longer exists.
static bool add_soft_dependencies(
	struct modules *m, struct module *new, const struct chain *chain, struct fault *f)
{
	struct reader modinfo = modules_modinfo(new);
	const char *list;
	char word[NAME_LIMIT];

	while ((list = elf_modinfo_next(&modinfo, "softdep"))) {
		bool before = true, found;

		while (next_word(&list, " \t", word))
			if (!strcmp(word, "pre:") || !strcmp(word, "post:"))
				before = word[1] == 'r';
			else if (before &&
				 !add_named(m, word, MODULE_DEPENDENCY, new, chain, &found, f))
				return false;
	}
	return true;
}

// The module is in the list already: a driver of its bus may depend on it, as those of USB's
// controllers do on the USB core.
static bool add_buses(
	struct modules *m, const struct module *new, const struct chain *outer, struct fault *f)
{
	struct chain chain = {.name = "", .outer = outer, .depth = outer ? outer->depth + 1 : 0};
	bool found;

	for (size_t i = 0; i < sizeof buses / sizeof *buses; i++) {
		struct reader modinfo = modules_modinfo(new);
		const char *alias;

		while ((alias = modules_next_device_alias(&modinfo)))
			if (!strncmp(alias, buses[i].bus, strlen(buses[i].bus)))
				break;
		for (size_t d = 0; alias && buses[i].drivers[d]; d++)
			if (!add_named(
				    m, buses[i].drivers[d], MODULE_DEVICE, NULL, &chain, &found, f))
				return false;
	}
	return true;
}

static void free_module(struct module *m)
{
	free(m->name);
	free(m->source);
	free(m->target);
	free(m->dependencies);
	buffer_free(&m->content);
}

// lib/modules/VERSION/PATH in the image, without the ending of a packed file.
static char *target_of(const struct modules *m, const char *path)
{
	struct buffer b = {0};

	buffer_format(&b, "lib/modules/%s/%.*s.ko", m->version,
		(int)(strstr(strrchr(path, '/') ? strrchr(path, '/') : path, ".ko") - path), path);
	buffer_add(&b, "", 1);
	return (char *)b.bytes;
}

// `path` is relative to the module directory. A module that is not wanted is not added, and that is
// no failure.
static bool add_file(struct modules *m, const char *name, const char *path, enum module_flag flag,
	const struct chain *outer, struct fault *f)
{
	struct chain chain = {.name = name, .outer = outer, .depth = outer ? outer->depth + 1 : 0};
	struct module new = {.name = buffer_copy(name), .target = target_of(m, path)};
	struct buffer source = {0};

	buffer_format(&source, "%s/%s", m->directory, path);
	buffer_add(&source, "", 1);
	new.source = (char *)source.bytes;
	if (!read_content(m, &new, f)) {
		free_module(&new);
		return false;
	}
	if (!outer && m->wanted && !m->wanted(&new)) {
		free_module(&new);
		return true;
	}
	if (!add_dependencies(m, &new, &chain, f) || !add_soft_dependencies(m, &new, &chain, f)) {
		free_module(&new);
		return false;
	}
	new.flag = flag_for(&new, flag);
	m->list = buffer_resize(m->list, m->count + 1, sizeof *m->list);
	m->list[m->count++] = new;
	return add_buses(m, &new, outer, f);
}

static bool is_in_chain(const struct chain *chain, const char *name)
{
	for (; chain; chain = chain->outer)
		if (!strcmp(chain->name, name))
			return true;
	return false;
}

// What libkmod says of a module, which comes from the tree's index: fit to be used?
static bool is_sane(const char *name, const char *path)
{
	return tree_is_plain(name) && !strpbrk(name, ",/") && strlen(name) < NAME_LIMIT &&
	       tree_is_plain(path) && path[0] != '/' && !strstr(path, "..") &&
	       strlen(path) < TREE_PATH / 2 &&
	       strstr(strrchr(path, '/') ? strrchr(path, '/') : path, ".ko");
}

// Adds what one answer of libkmod stands for. `found` stays as it is if that is nothing.
static bool add_answer(struct modules *m, const struct kmod_module *answer, enum module_flag flag,
	struct module *needed_by, const struct chain *outer, bool *found, struct fault *f)
{
	const char *name = kmod_module_get_name(answer), *path = kmod_module_get_path(answer);
	size_t prefix = strlen(m->index.directory);
	struct module *there;

	*found = true;
	if (!path || is_in_chain(outer, name)) // no file: built into the kernel
		return true;
	path = strncmp(path, m->index.directory, prefix) ? "" : path + prefix + 1;
	if (!is_sane(name, path) || (outer && outer->depth > CHAIN_LIMIT))
		return fault_set(
			f, FAULT_MODULE_INDEX, "(the tree's own is damaged at '%.40s')", name);
	if (!find(m, name) && !add_file(m, name, path, flag, outer, f))
		return false;
	there = find(m, name);
	if (!there || (!outer && m->wanted && !m->wanted(there)))
		return true; // not wanted, or only by others
	if (strength(flag_for(there, flag)) > strength(there->flag))
		there->flag = flag_for(there, flag);
	if (needed_by)
		depend(m, needed_by, there);
	return true;
}

static bool add_named(struct modules *m, const char *name, enum module_flag flag,
	struct module *needed_by, const struct chain *outer, bool *found, struct fault *f)
{
	struct kmod_list *answers = NULL, *at;
	bool good = true;

	*found = false;
	if (kmod_module_new_from_lookup(m->kmod, name, &answers) < 0)
		return true;
	kmod_list_foreach(at, answers)
	{
		struct kmod_module *answer = kmod_module_get_module(at);

		good = good && add_answer(m, answer, flag, needed_by, outer, found, f);
		kmod_module_unref(answer);
	}
	kmod_module_unref_list(answers);
	return good;
}

bool modules_add(
	struct modules *m, const char *name, enum module_flag flag, bool *found, struct fault *f)
{
	return add_named(m, name, flag, NULL, NULL, found, f);
}

bool modules_add_if(
	struct modules *m, const char *name, bool (*wanted)(const struct module *), struct fault *f)
{
	bool found, good;

	m->wanted = wanted;
	good = add_named(m, name, MODULE_DEVICE, NULL, NULL, &found, f);
	m->wanted = NULL;
	return good;
}

bool modules_open(struct modules *m, const struct tree *tree, const char *version,
	const char *directory, struct fault *f)
{
	const char *no_configuration = NULL; // this machine's /etc/modprobe.d is not the tree's

	*m = (struct modules){.tree = tree, .version = version, .directory = directory};
	if (!index_make(&m->index, tree, version, directory, f))
		return false;
	m->kmod = kmod_new(m->index.directory, &no_configuration);
	if (!m->kmod) {
		index_remove(&m->index);
		return fault_set(f, FAULT_MODULE_INDEX, "(libkmod)");
	}
	kmod_set_log_priority(m->kmod, 0);
	return true;
}

void modules_close(struct modules *m)
{
	kmod_unref(m->kmod);
	m->kmod = NULL;
	index_remove(&m->index);
}

void modules_free(struct modules *m)
{
	for (size_t i = 0; i < m->count; i++)
		free_module(&m->list[i]);
	free(m->list);
	m->list = NULL;
	m->count = 0;
}
