// SPDX-License-Identifier: BSD-2-Clause
// What comes after starting Linux is not told by boot programs, which have to be small.
#include "netstack/base/fault_texts.h"

enum { END = 500 };

const struct fault_text fault_texts[] = {
#define FAULT(name, number, what, likely, advice)                                                  \
	{number, number < END ? what "\0" likely "\0" advice : "\0\0"},
#include "netstack/base/fault.def"
#undef FAULT
};
const size_t fault_text_count = sizeof fault_texts / sizeof *fault_texts;
