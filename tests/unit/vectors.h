// SPDX-License-Identifier: BSD-2-Clause
// What all unit tests share: hex text to bytes, and buffers whose last byte is the heap block's last,
// so that AddressSanitizer sees an access one byte too far (also for an empty buffer).
//
// Hex notation: blanks anywhere, "00*64" stands for 64 zero bytes, a '|' is decoration.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { VECTOR_MAX = 65536 };

struct bytes {
	uint8_t *at;
	size_t length;
	void *block; // to free
};

// A copy at the very end of its own heap block.
static inline struct bytes exact_copy(const void *from, size_t length)
{
	struct bytes b = {.length = length, .block = malloc(length + 1)};

	assert_non_null(b.block);
	b.at = (uint8_t *)b.block + 1;
	if (length)
		memcpy(b.at, from, length);
	return b;
}

static inline void exact_free(struct bytes *b)
{
	free(b->block);
	*b = (struct bytes){0};
}

static inline void assert_starts(const char *got, const char *start)
{
	if (strncmp(got, start, strlen(start)) != 0)
		assert_string_equal(got, start); // fails, showing both
}

static inline void assert_contains(const char *got, const char *part)
{
	if (!strstr(got, part))
		assert_string_equal(got, part);
}

static inline unsigned hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = memchr(digits, c, 16);

	assert_non_null(at);
	return (unsigned)(at - digits);
}

static inline struct bytes from_hex(const char *hex)
{
	static uint8_t buffer[VECTOR_MAX];
	size_t length = 0;

	while (*hex) {
		unsigned long times = 1;
		uint8_t byte;

		if (*hex == ' ' || *hex == '|' || *hex == '\n' || *hex == '\t') {
			hex++;
			continue;
		}
		byte = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
		hex += 2;
		if (*hex == '*') {
			char *end;

			times = strtoul(hex + 1, &end, 10);
			hex = end;
		}
		for (; times; times--) {
			assert_true(length < sizeof buffer);
			buffer[length++] = byte;
		}
	}
	return exact_copy(buffer, length);
}

static inline void assert_hex(const void *got, size_t length, const char *hex)
{
	struct bytes expected = from_hex(hex);

	assert_int_equal(length, expected.length);
	if (length)
		assert_memory_equal(got, expected.at, length);
	exact_free(&expected);
}

// Calls `decode` with every proper prefix of `whole`, each in a block of exactly its size.
static inline void each_truncation(const struct bytes *whole,
	void (*decode)(const uint8_t *bytes, size_t length, void *context), void *context)
{
	for (size_t length = 0; length < whole->length; length++) {
		struct bytes cut = exact_copy(whole->at, length);

		decode(cut.at, cut.length, context);
		exact_free(&cut);
	}
}
