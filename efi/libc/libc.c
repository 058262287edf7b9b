// SPDX-License-Identifier: BSD-2-Clause
// The functions of the C library (C11 7.22.1, 7.24) that libfdt calls besides those of
// netstack/base/memory.h.
#include "efi/libc/stdlib.h"
#include "efi/libc/string.h"

#include <stdint.h>

void *memchr(const void *bytes, int byte, size_t length)
{
	const uint8_t *at = bytes;

	for (; length; at++, length--)
		if (*at == (uint8_t)byte)
			return (void *)at;
	return NULL;
}

char *strchr(const char *text, int c)
{
	return memchr(text, c, strlen(text) + 1);
}

char *strrchr(const char *text, int c)
{
	for (size_t at = strlen(text) + 1; at; at--)
		if (text[at - 1] == (char)c)
			return (char *)text + at - 1;
	return NULL;
}

size_t strnlen(const char *text, size_t length)
{
	const char *end = memchr(text, 0, length);

	return end ? (size_t)(end - text) : length;
}

// Decimal, as libfdt calls it (fragments of overlays): no signs, no blanks.
unsigned long strtoul(const char *text, char **end, int base)
{
	unsigned long value = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		value = value * (unsigned long)base + (unsigned long)(*text - '0');
	*end = (char *)text;
	return value;
}
