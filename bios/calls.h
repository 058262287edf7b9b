// SPDX-License-Identifier: BSD-2-Clause
// Calls and jumps in a form that packs better. x86 code says how far away a function is, so each call
// of the same function has other bytes; said as the place of the function, they are all the same.
// The body of lanyard.0 is packed in this form, which makes it 5 % smaller.
#pragma once

#include <stdint.h>

// Both work on the `size` bytes at `code`, whatever these are, and touch nothing else. The second
// undoes the first exactly.
void calls_to_places(uint8_t *code, uint32_t size);
void calls_to_distances(uint8_t *code, uint32_t size);
