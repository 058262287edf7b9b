// SPDX-License-Identifier: BSD-2-Clause
// Patterns as shells and modules.alias have them. Does no I/O; libc's would bring its tables of all the
// world's characters into the binary.
#pragma once

#include <stdbool.h>

// Whether `pattern` describes the whole of `text`: '*' any characters, '?' one, [a-c] one of these,
// [!a-c] one other. A bracket that is not closed stands for itself. Takes time length times length.
bool pattern_match(const char *pattern, const char *text);
