// SPDX-License-Identifier: BSD-2-Clause
// A private module directory for libkmod, so that neither the root tree is written to nor libkmod
// sees files that somebody may change under it:
//
//   TMPDIR/mklanyard-XXXXXX/lib/modules/VERSION/
//     modules.*.bin     copies of the tree's index, checked; or, where the tree has none or a
//                       damaged one, made here by depmod
//     kernel/           a link to the tree's; for depmod a directory of links to the tree's modules
//                       (and of copies of those that are links themselves)
//
// It exists only while modules are looked up. SIGINT, SIGTERM and SIGHUP wait for that long, so
// that nothing is left behind.
#pragma once

#include "initramfs/mklanyard/tree.h"

#include <signal.h>

struct index {
	char top[TREE_PATH / 4];       // the temporary directory
	char directory[TREE_PATH / 2]; // the module directory in it
	int tree_fd;                   // the tree's module directory, which the links go through
	sigset_t signals;              // as they were before
};

// `modules` is the tree's directory of modules for that kernel version. To be undone by
// index_remove, but only if it succeeds.
bool index_make(struct index *x, const struct tree *t, const char *version, const char *modules,
	struct fault *f);
void index_remove(struct index *x);
