// SPDX-License-Identifier: BSD-2-Clause
// Plain memory functions for programs without a C library (the boot programs only). The bulk copy
// of a boot is done by the netdev and the kernel; these move headers and messages.
#include "netstack/base/memory.h"

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	char *t = to;
	const char *f = from;

	while (length >= 4 * sizeof(size_t)) {
		__builtin_memcpy(t, f, sizeof(size_t));
		__builtin_memcpy(t + sizeof(size_t), f + sizeof(size_t), sizeof(size_t));
		__builtin_memcpy(t + 2 * sizeof(size_t), f + 2 * sizeof(size_t), sizeof(size_t));
		__builtin_memcpy(t + 3 * sizeof(size_t), f + 3 * sizeof(size_t), sizeof(size_t));
		t += 4 * sizeof(size_t);
		f += 4 * sizeof(size_t);
		length -= 4 * sizeof(size_t);
	}
	while (length >= sizeof(size_t)) {
		__builtin_memcpy(t, f, sizeof(size_t));
		t += sizeof(size_t);
		f += sizeof(size_t);
		length -= sizeof(size_t);
	}
	while (length--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t length)
{
	char *t = to;
	const char *f = from;

	if (t == f)
		return to;
	if (t < f || t >= f + length)
		while (length--)
			*t++ = *f++;
	else
		while (length--)
			t[length] = f[length];
	return to;
}

void *memset(void *to, int byte, size_t length)
{
	char *t = to;

	while (length--)
		*t++ = (char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *x = a, *y = b;

	for (; length; length--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}
