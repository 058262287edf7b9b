// SPDX-License-Identifier: BSD-2-Clause
// Text without a C library: a bounded builder with the useful part of printf, and small parsers.
//
// A builder never writes past its buffer, always keeps a NUL at the end, and remembers whether
// anything was cut.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *start;   // the NUL-terminated text
	size_t length; // characters without the NUL
	size_t size;   // bytes in the buffer, with room for the NUL
	bool cut;      // something did not fit
};

// A piece of text that lies elsewhere; `at` NULL: absent.
struct text_view {
	const char *at;
	size_t length;
};

struct text text_of(char *buffer, size_t size);
void text_putc(struct text *t, char c);
void text_append(struct text *t, const char *text, size_t length);
// %s %c %u %d %x %X %% with width, zero padding, '-', precision for %s, and l, ll, z lengths.
// Anything else is printed as it stands.
void text_format(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vformat(struct text *t, const char *format, va_list args);
// Text from a stranger: control and non-ASCII bytes become '?', at most `length` bytes, ends at NUL.
void text_foreign(struct text *t, const void *bytes, size_t length);
// Hardware address as 52:54:00:12:34:56 (`separator` between the bytes).
void text_hwaddr(struct text *t, const uint8_t *hwaddr, size_t length, char separator);

// Case-insensitive ASCII comparison.
bool text_same(const char *a, const char *b);
// Whether `text` of `length` characters is exactly the NUL-terminated `word`, ignoring ASCII case.
bool text_is(const char *text, size_t length, const char *word);
bool text_starts(const char *text, const char *prefix);
// What stands in *rest before the next `end`, or all of it; taken off *rest together with that `end`.
struct text_view text_field(struct text_view *rest, char end);
// An unsigned number of exactly `length` characters in base 10 or 16; false on overflow or garbage.
bool text_u32(const char *text, size_t length, unsigned base, uint32_t *value);
bool text_u64(const char *text, size_t length, unsigned base, uint64_t *value);
// As strtoul with base 0 does: 0x prefix hex, leading 0 octal, else decimal.
bool text_number(const char *text, size_t length, uint32_t *value);
// 64-bit division by a 32-bit number, for machines whose compiler would call a library.
uint64_t divide_u64(uint64_t dividend, uint32_t divisor, uint32_t *remainder);
