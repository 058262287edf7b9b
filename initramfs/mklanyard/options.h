// SPDX-License-Identifier: BSD-2-Clause
// mklanyard's command line and environment (mklanyard(8)).
#pragma once

#include "initramfs/mklanyard/compress.h"
#include "initramfs/mklanyard/drivers.h"

#include <stdbool.h>

struct options {
	const char *output;   // NULL: no image in one file
	const char *segments; // directory for the image in parts, NULL: none
	const char *files;    // directory of files to be added, NULL: none
	const char *root;     // the root tree
	const char *kernel;   // NULL: the newest in the tree
	const char *init;     // NULL: the one that belongs to this program
	const char *sys;      // sysfs of this machine
	enum driver_set set;  // -m netboot, -m all
	bool this_machine;    // -m auto
	char **modules;       // names from -m list:, sorted, each once; freed by options_free
	size_t module_count;
	enum compression compress;
	uint32_t mtime; // of every file in the image: SOURCE_DATE_EPOCH, else 0
	bool small, microcode, with_shell, print, help;
};

extern const char options_usage[];

// False with FAULT_MKLANYARD_USAGE. The strings stay in argv.
bool options_read(struct options *o, int argc, char **argv, struct fault *f);
void options_free(struct options *o);
