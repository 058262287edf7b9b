// SPDX-License-Identifier: BSD-2-Clause
// What a terminal behind a serial line is sent where a screen has calls for it (ECMA-48, as a VT100
// and all after it understand). For the platforms: `put` sends one character.
#pragma once

#include <stdint.h>

// Both count from 0.
void ansi_goto(void (*put)(char c), unsigned row, unsigned column);
// `colour` as platform_colour has it.
void ansi_colour(void (*put)(char c), uint8_t colour);
void ansi_clear(void (*put)(char c));
