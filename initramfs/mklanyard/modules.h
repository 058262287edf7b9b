// SPDX-License-Identifier: BSD-2-Clause
// The kernel modules of an image. libkmod finds a module's file by its name or alias; what else it
// needs is read from the module itself: depends=, softdep= (what is to be loaded before it; absent
// ones do not matter) and the aliases of the devices that it drives.
//
// Invariants: a module stands behind everything that it depends on; no module stands twice; all are
// for one kind of machine.
#pragma once

#include "initramfs/mklanyard/index.h"
#include "netstack/base/bytes.h"

#include <stdint.h>

// When init loads a module: the flags of lanyard-modules(5). The weakest comes first.
enum module_flag {
	MODULE_DEPENDENCY = '-', // only because another needs it
	MODULE_DEMAND = 'd',     // when init asks for it
	MODULE_DEVICE = 'n',     // when one of its aliases fits a device
	MODULE_ALWAYS = 'a',
};

struct module {
	char *name;   // as the kernel calls it: no dashes
	char *source; // path in the root tree
	char *target; // path in the image, no leading slash; always an unpacked .ko
	enum module_flag flag;
	struct buffer content;
	size_t *dependencies, dependency_count; // places in the list, smaller than its own
};

struct modules {
	const struct tree *tree;
	const char *version;   // the kernel's
	const char *directory; // its modules in the tree
	struct index index;
	struct kmod_ctx *kmod;
	struct module *list;
	size_t count;
	uint16_t machine;                      // ELF's e_machine, 0 before the first module
	bool (*wanted)(const struct module *); // of modules_add_if, while it runs
};

// The strings must outlive the list. To be ended by modules_close, and freed by modules_free.
bool modules_open(struct modules *m, const struct tree *tree, const char *version,
	const char *directory, struct fault *f);
// Adds the module of that name or alias and all that it needs. A module that is there already gets
// the stronger flag. MODULE_DEVICE becomes MODULE_ALWAYS for a module without device aliases.
// `found` tells whether the kernel has it, as a module or built in; a name unknown is no fault.
bool modules_add(
	struct modules *m, const char *name, enum module_flag flag, bool *found, struct fault *f);
// The same with MODULE_DEVICE, but only if `wanted` says so of the module once it has been read;
// what it needs comes along only then.
bool modules_add_if(struct modules *m, const char *name, bool (*wanted)(const struct module *),
	struct fault *f);
// The module of that name ('_', no '-'), if it is in the list.
const struct module *modules_find(const struct modules *m, const char *name);
// No more modules will be added: the temporary index goes, the list stays.
void modules_close(struct modules *m);
void modules_free(struct modules *m);

// The module's next alias that a device can have ("pci:v00008086d...", not "fs-nfs"), consumed from
// `modinfo` (see elf.h); NULL after the last.
const char *modules_next_device_alias(struct reader *modinfo);
// The drivers of the bus that a device with this alias is on, NULL behind the last; NULL if it is no
// bus whose drivers no dependency tells.
const char *const *modules_bus_drivers(const char *alias);
struct reader modules_modinfo(const struct module *m);
