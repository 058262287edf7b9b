// SPDX-License-Identifier: BSD-2-Clause
// The sentences of fault.def, for fault.c. A program links one of two tables: all of them
// (fault_texts.c), or those that boot programs can come to (fault_texts_boot.c). The other numbers are
// known to both and have no words in the second.
#pragma once

#include "netstack/base/fault.h"

struct fault_text {
	uint16_t id;
	const char *words; // what failed, the likely cause, the advice: each with its NUL
};

extern const struct fault_text fault_texts[];
extern const size_t fault_text_count;
