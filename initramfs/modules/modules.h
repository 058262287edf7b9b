// SPDX-License-Identifier: BSD-2-Clause
// The list of kernel modules that mklanyard puts into the image as /lanyard/modules, one line each,
// dependencies before what needs them (docs/lanyard-modules.5):
//   NAME PATH FLAGS DEPENDENCY,DEPENDENCY...|- [ALIAS-PATTERN ...]
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MODULES_MAX = 1024,
	MODULES_DEPENDENCIES = 8192, // of all modules together
	MODULES_FILE = 4 << 20,      // longest list that is read
};

enum module_flags {
	MODULE_BY_ALIAS = 1,  // 'n': loaded when one of its patterns matches a device
	MODULE_ALWAYS = 2,    // 'a': loaded in every boot
	MODULE_ON_DEMAND = 4, // 'd': loaded when init asks for it by name
};

struct module {
	const char *name, *path;
	const char *aliases, *aliases_end; // patterns, each with its NUL
	unsigned flags;                    // enum module_flags; 0: only as a dependency
	uint16_t first, count;             // its part of `dependencies`
};

struct modules {
	struct module list[MODULES_MAX];
	size_t count;
	uint16_t dependencies[MODULES_DEPENDENCIES]; // indices into list, each below its owner's
	size_t dependency_count;
};

// Splits `text` (`length` characters and a NUL behind them) in place; it must outlive the list.
// False with *fault (FAULT_MODULE_LOAD) naming the line, if one is malformed.
bool modules_parse(struct modules *m, char *text, size_t length, struct fault *fault);
// The index of the module, '-' and '_' being the same; -1 if the list does not have it.
int modules_find(const struct modules *m, const char *name);
// Whether one of the module's patterns matches a device's modalias.
bool modules_match(const struct module *module, const char *modalias);
