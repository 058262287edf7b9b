// SPDX-License-Identifier: BSD-2-Clause
// The files of an initramfs, and the cpio archive ("newc") that Linux unpacks
// (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel).
//
// The same files give the same bytes: entries are sorted by name, belong to root, carry the one
// time that is given, and are numbered from 1.
#pragma once

#include "initramfs/mklanyard/buffer.h"
#include "netstack/base/fault.h"

#include <sys/types.h>

struct image_entry {
	char *path;           // no leading slash
	mode_t mode;          // type and permissions
	const uint8_t *bytes; // a file's content (the caller's memory), a link's target
	size_t length;
	unsigned major, minor; // of a device
};

struct image {
	struct image_entry *list;
	size_t count;
};

// Whether there is an entry of that name.
bool image_has(const struct image *i, const char *path);
// Directories above what is added come by themselves.
void image_add_directory(struct image *i, const char *path);
void image_add_file(
	struct image *i, const char *path, mode_t permissions, const uint8_t *bytes, size_t length);
void image_add_link(struct image *i, const char *path, const char *target);
void image_add_device(
	struct image *i, const char *path, mode_t permissions, unsigned major, unsigned minor);
// Bytes of what is in the files of the list.
size_t image_total(const struct image *i);
// The list gets its order; false if two entries have the same name.
bool image_sort(struct image *i, struct fault *f);
// Appends an archive of `count` entries of the sorted list; `mtime` in seconds since 1970.
bool image_write(const struct image *i, size_t first, size_t count, uint32_t mtime,
	struct buffer *to, struct fault *f);
void image_free(struct image *i);
