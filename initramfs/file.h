// SPDX-License-Identifier: BSD-2-Clause
// Small files read and written whole, with a bound.
#pragma once

#include "netstack/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Reads at most `size` - 1 bytes and puts a NUL behind them. Gives their number, -1 with errno.
ssize_t file_read(const char *path, char *to, size_t size);
// As file_read, into memory of the file's own size (malloc), at most `max` bytes; NULL with errno.
char *file_load(const char *path, size_t max, size_t *length);
// A text file that is to be changed: what it says, and room for a changed copy, 16 KiB longer.
struct file_edit {
	char *text;
	struct text copy;
};
// Reads a file of at most 64 KiB without a NUL in it, what follows which would be lost. False with errno;
// then there is nothing to end.
bool file_edit_begin(struct file_edit *e, const char *path);
void file_edit_end(struct file_edit *e);
// Replaces the file's contents; creates it with mode 0644. False with errno.
bool file_write(const char *path, const char *bytes, size_t length);
// The same for a file in a directory, which is made if there is none.
bool file_write_in(const char *directory, const char *name, const char *bytes, size_t length);
// Puts a new file (mode 0644) in the place of that one, or where there is none. Whoever reads meanwhile
// finds the one or the other. False with errno.
bool file_replace(const char *path, const char *bytes, size_t length);
// Writes one value to a file that exists, such as one of sysfs or proc. False with errno.
bool file_set(const char *path, const char *value);
// Makes the directory and those above it (mode 0755). False with errno.
bool file_make_directories(const char *path);
