// SPDX-License-Identifier: BSD-2-Clause
// The handle table, for file systems whose files the kernel cannot name (overlayfs without
// nfs_export, file systems seen from a container). Each file that a client has ever been told of
// has an entry: inode number, a random number, and the names by which it was found, each in a
// directory that has an entry itself. A handle carries both numbers; the file is found by walking
// the names from the export's root, and taken only if it is the inode.
//
// The state directory keeps the table as a log, one record per change:
//
//   'E' type(1) ino(8) random(8)            a new entry
//   'N' child(16) directory(16) length(1) name   a name of it
//   'U' child(16) directory(16) length(1) name   not its name any more
//   'D' child(16)                           no file any more
//
// A torn last record is cut off when the log is read. So handles survive a restart and kill -9.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { TABLE_NAME = 16 };

struct handle_table;

// A table whose log is STATE/handles-ID (state may be NULL: none is kept). NULL and a sentence.
struct handle_table *table_load(
	const char *state, uint32_t id, const struct stat *root, char *error, size_t size);
void table_free(struct handle_table *t);
// The 16 bytes that name a file found as `name` in a directory (NULL: it is the root). 0 or errno.
int table_add(struct handle_table *t, const struct stat *st, const uint8_t *directory,
	const char *name, uint8_t to[TABLE_NAME]);
// An O_PATH descriptor; -1 and errno (ESTALE).
int table_open(struct handle_table *t, int root, const uint8_t name[TABLE_NAME]);
// What happened to a name: it is gone (`last`: and the file with it), or is elsewhere now.
void table_removed(struct handle_table *t, const struct stat *st, const uint8_t *directory,
	const char *name, bool last);
void table_renamed(struct handle_table *t, const struct stat *st, const uint8_t *from,
	const char *from_name, const uint8_t *to, const char *to_name);
