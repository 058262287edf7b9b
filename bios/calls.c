// SPDX-License-Identifier: BSD-2-Clause
// An instruction e8 (call) or e9 (jmp) is followed by a distance of four bytes, lowest first, here
// counted from the instruction's own place `at`. What leads out of the code is left alone; but what was
// left alone must not look like a place afterwards. So, modulo 2^32:
//
//     distance                        becomes
//     -at         ... size - at - 1   at + distance, in 0 ... size - 1: the place
//     size - at   ... size - 1        distance - size, in -at ... -1: nothing else becomes this
//     all others                      itself
#include "bios/calls.h"

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

static inline uint32_t place(uint32_t distance, uint32_t at, uint32_t size)
{
	if (distance + at < size)
		return distance + at;
	return distance < size ? distance - size : distance;
}

static inline uint32_t distance(uint32_t place, uint32_t at, uint32_t size)
{
	if (place < size)
		return place - at;
	return place >= 0 - at && at ? place + size : place;
}

static inline void each(uint8_t *code, uint32_t size, uint32_t (*change)(uint32_t, uint32_t, uint32_t))
{
	for (uint32_t at = 0; at + LENGTH <= size;) {
		uint32_t before = load(code + at + 1), after = before;

		if ((code[at] & 0xfe) == 0xe8)
			after = change(before, at, size);
		if (after == before) {
			at++;
			continue;
		}
		store(code + at + 1, after);
		at += LENGTH;
	}
}

void calls_to_places(uint8_t *code, uint32_t size)
{
	each(code, size, place);
}

void calls_to_distances(uint8_t *code, uint32_t size)
{
	each(code, size, distance);
}
