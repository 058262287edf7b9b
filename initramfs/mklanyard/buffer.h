// SPDX-License-Identifier: BSD-2-Clause
// Bytes that grow, and memory that never runs out: the program ends with exit code 111 when it
// does, since an image maker has nothing better to do then.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t length, room;
};

// Zeroed memory for `count` things of `size` bytes; the caller frees it.
void *buffer_memory(size_t count, size_t size);
// As realloc, for `count` things of `size` bytes.
void *buffer_resize(void *memory, size_t count, size_t size);
// A copy of the text up to the NUL; the caller frees it.
char *buffer_copy(const char *text);

void buffer_add(struct buffer *b, const void *bytes, size_t length);
void buffer_format(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *b);
