// SPDX-License-Identifier: BSD-2-Clause
// A card's interrupt line (8259A interrupt controllers, as the BIOS has set them up). The handler
// installed here only counts and masks the line: an interrupt is a hint that the card wants to be
// asked, and never more. Lines that belong to the machine (0 to 2, 8) and numbers that do not exist
// are left alone.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Takes the line over, masked. False if it is none of a card's.
bool pic_take(uint16_t irq);
// Gives it back as it was.
void pic_give_back(void);
// One interrupt is let through (it masks the line again), or none.
void pic_unmask(void);
void pic_mask(void);
// Interrupts since the start.
uint32_t pic_count(void);
