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
	int32_t local;      // IMAGE_LOCAL: LOCALBOOT's number
	char kernel[PATH_NAME];
	char command_line[PLAN_LINE + 1];
	const char *arguments; // the part of it behind the kernel's name
	const char *initrds[PLAN_INITRDS];
	size_t initrd_count;
	char initrd_names[PLAN_LINE + 1]; // what `initrds` points into
	const char *fdt, *fdtdir, *overlays; // device trees as the label names them, NULL: absent
	bool kaslrseed;        // the label wants a random seed in the device tree
	uint16_t video_mode;   // vga=, 0xffff where absent
	uint64_t memory_limit; // mem=, UINT64_MAX where absent
	bool keep_pxe, quiet;
	bool options_dropped;  // ALLOWOPTIONS 0: what was typed behind the name does not count
};

// Texts for SYSAPPEND, in the order of its bits from bit 0 on; NULL: not known.
enum { PLAN_SYSAPPENDS = 19 };
struct plan_sysappend {
	const char *text[PLAN_SYSAPPENDS];
};

// Plans a command, which is not empty. `typed`: by a person, whom ALLOWOPTIONS restricts. False with
// *fault: FAULT_COMMAND_LINE, FAULT_CONFIG_ERROR, FAULT_CONFIG_LABEL (IMPLICIT 0).
bool plan_make(struct plan *plan, const struct config *config, const char *command, bool typed,
	const struct plan_sysappend *sysappend, struct fault *fault);
// Plans a label as it stands, or with `line` instead of what plan_label_line gives.
bool plan_make_label(struct plan *plan, const struct config_label *label, const char *line,
	const struct plan_sysappend *sysappend, struct fault *fault);
// "kernel append initrd=... sysappend": what a person may edit before it is booted.
void plan_label_line(const struct config_label *label, const struct plan_sysappend *sysappend,
	struct text *to);
// What pxelinux takes the file for, by the end of its name.
enum config_image plan_image_of(const char *kernel);
// The suffixes that pxelinux tries on a name that is no label, before the bare name; ends with NULL.
extern const char *const plan_suffixes[];
