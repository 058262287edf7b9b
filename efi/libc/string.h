// SPDX-License-Identifier: BSD-2-Clause
// What libfdt uses of the C library's header of this name.
#pragma once

#include "netstack/base/memory.h"

void *memchr(const void *bytes, int byte, size_t length);
char *strchr(const char *text, int c);
char *strrchr(const char *text, int c);
size_t strnlen(const char *text, size_t length);
