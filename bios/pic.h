// SPDX-License-Identifier: BSD-2-Clause
// The interrupt controllers' masks (8259A), as far as a card's interrupt line is concerned. Lines
// that belong to the machine (0 to 2, 8) and numbers that do not exist are left alone.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void pic_mask(uint16_t irq);
void pic_unmask(uint16_t irq);
bool pic_is_masked(uint16_t irq);
