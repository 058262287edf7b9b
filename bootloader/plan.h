// SPDX-License-Identifier: BSD-2-Clause
// A boot plan: what one command ("label arguments" or "file arguments") means. The command line is
//   BOOT_IMAGE=<kernel> <append> initrd=<initrd> <sysappend> <typed arguments>
// and the initrds loaded are those of its *first* "initrd=", as pxelinux has it.
#pragma once

#include "bootloader/config.h"
#include "netstack/base/fault.h"

struct plan {
	const char *label;  // NULL: the kernel was given by its file name
	enum config_image image;
	char kernel[PATH_NAME];
	char command_line[PLAN_LINE + 1];
	const char *initrds[PLAN_INITRDS];
	size_t initrd_count;
	char initrd_names[PLAN_LINE + 1]; // what `initrds` points into
	uint16_t video_mode;   // vga=, 0xffff where absent
	uint64_t memory_limit; // mem=, UINT64_MAX where absent
	bool keep_pxe, quiet;
};

// Texts for SYSAPPEND, in the order of its bits from bit 0 on; NULL: not known.
enum { PLAN_SYSAPPENDS = 2 }; // ip=, BOOTIF=
struct plan_sysappend {
	const char *text[PLAN_SYSAPPENDS];
};

// `command` is not empty. False with *fault: FAULT_COMMAND_LINE, FAULT_CONFIG_ERROR.
bool plan_make(struct plan *plan, const struct config *config, const char *command,
	const struct plan_sysappend *sysappend, struct fault *fault);
// What pxelinux takes the file for, by the end of its name.
enum config_image plan_image_of(const char *kernel);
// The suffixes that pxelinux tries on a name that is no label, before the bare name; ends with NULL.
extern const char *const plan_suffixes[];
