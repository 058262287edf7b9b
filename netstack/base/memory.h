// SPDX-License-Identifier: BSD-2-Clause
// The five C library functions that compilers call by themselves. A hosted build takes them from
// libc; the boot programs link netstack/base/memory.c instead.
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *text);
