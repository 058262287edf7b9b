// SPDX-License-Identifier: BSD-2-Clause
// Unpacks the body of lanyard.0. Runs before anything else of the program is there, so it stands
// alone; tests/unit runs it on the host.
#pragma once

#include <stdint.h>

// The parameters that the Makefile gives to xz.
enum { LZMA_LC = 3, LZMA_LP = 0, LZMA_PB = 0 };

// Memory that unlzma needs besides.
enum { LZMA_WORK = (1024 + (0x300 << (LZMA_LC + LZMA_LP))) * 2 };

// Unpacks a raw LZMA1 stream into exactly `size` bytes at `to`. `from` must be good for reading up to
// its end; a damaged stream gives damaged bytes, never one outside [to, to + size).
void unlzma(uint8_t *to, uint32_t size, const uint8_t *from, void *work);
