// SPDX-License-Identifier: BSD-2-Clause
// What libfdt uses of the C library's header of this name.
#pragma once

unsigned long strtoul(const char *text, char **end, int base);
