// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_end(void *memory)
{
	static const char sentence[] = "mklanyard: out of memory\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0)
		_exit(111);
	_exit(111);
}

void *buffer_memory(size_t count, size_t size)
{
	return or_end(calloc(count ? count : 1, size));
}

void *buffer_resize(void *memory, size_t count, size_t size)
{
	return or_end(reallocarray(memory, count ? count : 1, size));
}

char *buffer_copy(const char *text)
{
	return or_end(strdup(text));
}

void buffer_add(struct buffer *b, const void *bytes, size_t length)
{
	if (b->room - b->length < length) {
		b->room = b->room * 2 > b->length + length ? b->room * 2 : b->length + length;
		b->bytes = buffer_resize(b->bytes, b->room, 1);
	}
	if (length)
		memcpy(b->bytes + b->length, bytes, length);
	b->length += length;
}

void buffer_format(struct buffer *b, const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	or_end(length < 0 ? NULL : text);
	buffer_add(b, text, (size_t)length);
	free(text);
}

void buffer_free(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){0};
}
