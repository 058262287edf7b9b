// SPDX-License-Identifier: BSD-2-Clause
// The root tree that an image is made for, which may belong to somebody who must not be trusted: it
// is only ever read, every path in it is resolved inside it (a link to /etc/shadow means the tree's
// own), only regular files are opened, and sizes are bounded.
#pragma once

#include "initramfs/mklanyard/buffer.h"
#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

enum { TREE_PATH = 4096, TREE_VERSION = 128 };
enum { TREE_MODULE_LIMIT = 128 << 20, TREE_INDEX_LIMIT = 64 << 20, TREE_CONFIG_LIMIT = 4 << 20 };
enum { TREE_FIRMWARE_LIMIT = 64 << 20 };

struct tree {
	int fd;           // the root directory
	const char *name; // as the user wrote it, for messages
};

bool tree_open(struct tree *t, const char *root, struct fault *f);
void tree_close(struct tree *t);
// A descriptor for what `path` names inside the tree (O_PATH unless a directory is asked for by
// `flags`), or -1 with errno.
int tree_open_at(const struct tree *t, const char *path, int flags);
// Appends the file's bytes, at most `limit`. False with a sentence if it is no readable regular
// file.
bool tree_read(
	const struct tree *t, const char *path, size_t limit, struct buffer *to, struct fault *f);
// The same for a path of the machine itself, without a tree.
bool tree_read_host(const char *path, size_t limit, struct buffer *to, struct fault *f);
// The same, and what is packed (its name ends in .xz, .zst or .gz) is unpacked. `damaged` tells a
// file that cannot be unpacked from one that cannot be read.
bool tree_read_packed(const struct tree *t, const char *path, size_t limit, struct buffer *to,
	bool *damaged, struct fault *f);
// A kernel module: .ko, or packed.
bool tree_read_module(const struct tree *t, const char *path, struct buffer *to, struct fault *f);

// The names in a directory of the tree, sorted whatever their order on disk; those that begin with
// a dot or are not plain are left out. Subdirectories have a '/' behind their name; what is neither
// directory nor regular file nor a link is left out.
struct tree_names {
	char **list;
	size_t count;
};

// An empty list if there is no such directory.
struct tree_names tree_list(const struct tree *t, const char *path);
void tree_names_free(struct tree_names *n);

// The kernel's version: `wanted`, or where that is NULL the newest with modules in the tree.
// `modules` (TREE_PATH bytes) becomes the directory of its modules, lib/modules/VERSION or the same
// below usr/.
bool tree_kernel(
	const struct tree *t, const char *wanted, char *version, char *modules, struct fault *f);
// A name or path that may stand in an image's tables: printable, without blanks.
bool tree_is_plain(const char *text);
