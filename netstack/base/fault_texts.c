// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/fault_texts.h"

const struct fault_text fault_texts[] = {
#define FAULT(name, number, what, likely, advice) {number, what "\0" likely "\0" advice},
#include "netstack/base/fault.def"
#undef FAULT
};
const size_t fault_text_count = sizeof fault_texts / sizeof *fault_texts;
