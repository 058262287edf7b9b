// SPDX-License-Identifier: BSD-2-Clause
// The firmware files that an image's modules name (firmware= of modinfo), from the tree's
// lib/firmware. They are looked for as the kernel does it (drivers/base/firmware_loader): in
// updates/VERSION, updates, VERSION, then in the folder itself; as they are, then .zst, then .xz.
// In the image they stand under lib/firmware, unpacked, since few kernels unpack them.
//
// Drivers name many files and need one or none, and distributions have them in packages of their
// own: what is missing is one note.
#pragma once

#include "initramfs/mklanyard/modules.h"

struct firmware_file {
	char *target; // path in the image, no leading slash
	struct buffer content;
};

struct firmware {
	struct firmware_file *list;
	size_t count;
};

void firmware_collect(struct firmware *w, const struct modules *m);
void firmware_free(struct firmware *w);
