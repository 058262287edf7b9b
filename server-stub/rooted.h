// SPDX-License-Identifier: BSD-2-Clause
// Files below a directory whose contents others may write: every link is followed inside that
// directory only (openat2(2), RESOLVE_IN_ROOT), and nothing but a regular file is ever opened for
// reading.
#pragma once

#include <stdbool.h>

enum { ROOTED_PATH = 512 };

// A descriptor that opens nothing (O_PATH), or one of a directory to list; -1 and errno.
int rooted_find(int root, const char *path);
int rooted_directory(int root, const char *path);
// Open for reading; -1 and errno, EISDIR for a directory, EINVAL for a pipe, device or socket.
int rooted_file(int root, const char *path);
bool rooted_exists(int root, const char *path);
