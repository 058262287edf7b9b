// SPDX-License-Identifier: BSD-2-Clause
// What a terminal behind a serial line is sent where a screen has calls for it (ECMA-48, as a VT100
// and all after it understand). For the platforms.
#pragma once

#include "netstack/base/text.h"

#include <stdint.h>

void ansi_goto(struct text *to, unsigned row, unsigned column);
// `colour` as platform_colour has it.
void ansi_colour(struct text *to, uint8_t colour);
void ansi_clear(struct text *to);
