// SPDX-License-Identifier: BSD-2-Clause
// The sentences of fault.def, for fault.c. A program links one of three files: all of them
// (fault_texts.c), those that boot programs can come to (fault_texts_boot.c), or the latter packed
// (fault_pairs.py).
#pragma once

// For each: its number, what failed, the likely cause, the advice; each of these ends with NUL. At
// the end stands an empty number.
const char *fault_texts(void);
