// SPDX-License-Identifier: BSD-2-Clause
// What a fuzzing harness is: one function that takes any bytes, uses a codec with them, and traps
// when a promise of its header does not hold. The same file is linked with libFuzzer (make fuzz) or
// with replay.c, which runs it over the files of the corpus (make fuzz-replay).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define PROMISE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

// Touches every byte of a view, so that a wrong one is seen.
static inline unsigned touch(const void *at, size_t length)
{
	const volatile uint8_t *b = at;
	unsigned sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += b[i];
	return sum;
}
