// SPDX-License-Identifier: BSD-2-Clause
// What the files of boot programs for a BIOS know of each other.
#pragma once

#include "bootloader/chain.h"
#include "bootloader/program.h"

bool program_read_word(struct chain_words *w, struct text_view word);
