// SPDX-License-Identifier: BSD-2-Clause
// What an administrator adds to images: files of his own, from the tree's etc/lanyard/initramfs and
// from a directory of this machine, at the same paths in the image; and modules by name, as
// etc/initramfs-tools/modules in the tree lists them (initramfs-tools(7)).
#pragma once

#include "initramfs/mklanyard/image.h"
#include "initramfs/mklanyard/modules.h"

struct additions {
	struct addition {
		char *path, *target; // in the image, no leading slash; a link's target, else NULL
		mode_t permissions;
		struct buffer content;
	} *list;
	size_t count;
};

// Adds all files and links below a folder of the tree, which need not be there.
bool additions_collect(
	struct additions *a, const struct tree *t, const char *folder, struct fault *f);
// Puts them into the image, as far as it does not have such a file already: a note names those.
void additions_put(const struct additions *a, struct image *i);
void additions_free(struct additions *a);

// Adds the modules that the tree's list names. Those that the kernel does not have, or that cannot be
// used, are left out with a note: such lists grow old.
void additions_modules(struct modules *m);
