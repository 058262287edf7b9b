// SPDX-License-Identifier: BSD-2-Clause
// Archives of the 'newc' kind (cpio's -H newc; Linux Documentation/driver-api/early-userspace/
// buffer-format.rst): 110 characters of header in hexadecimal, the name with its NUL, padding to a
// multiple of four, the content, padding. The writer must stand at a multiple of four.
#pragma once

#include "netstack/base/bytes.h"

// Bytes that a file takes up, header and padding included.
size_t cpio_file_size(const char *name, size_t length);
void cpio_directory(struct writer *w, const char *name);
// A regular file, owner root, mode 0400.
void cpio_file(struct writer *w, const char *name, const void *bytes, size_t length);
void cpio_trailer(struct writer *w);
