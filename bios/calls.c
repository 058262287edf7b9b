// SPDX-License-Identifier: BSD-2-Clause
// An instruction e8 (call) or e9 (jmp) is followed by a distance of four bytes, lowest first, here
// counted from the instruction's own place `at`. What leads out of the code is left alone; but what was
// left alone must not look like a place afterwards. So, modulo 2^32:
//
//     distance                        becomes
//     -at         ... size - at - 1   at + distance, in 0 ... size - 1: the place
//     size - at   ... size - 1        distance - size, in -at ... -1: nothing else becomes this
//     all others                      itself
//
// The four bytes may contain what looks like the next instruction. So the places are changed one after
// the other from the last to the first, and changed back from the first to the last.
#include "bios/calls.h"

#include <stdbool.h>

enum { LENGTH = 5 };

static uint32_t load(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void store(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t place(uint32_t distance, uint32_t at, uint32_t size)
{
	if (distance + at < size)
		return distance + at;
	return distance < size ? distance - size : distance;
}

static uint32_t distance(uint32_t place, uint32_t at, uint32_t size)
{
	if (place < size)
		return place - at;
	return place >= 0 - at && at ? place + size : place;
}

static bool is_call(const uint8_t *code)
{
	return (code[0] & 0xfe) == 0xe8;
}

void calls_to_places(uint8_t *code, uint32_t size)
{
	for (uint32_t at = size < LENGTH ? 0 : size - LENGTH + 1; at--;)
		if (is_call(code + at))
			store(code + at + 1, place(load(code + at + 1), at, size));
}

void calls_to_distances(uint8_t *code, uint32_t size)
{
	for (uint32_t at = 0; at + LENGTH <= size; at++)
		if (is_call(code + at))
			store(code + at + 1, distance(load(code + at + 1), at, size));
}
