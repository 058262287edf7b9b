// SPDX-License-Identifier: BSD-2-Clause
// The files that belong to lanyardd: boot programs, mklanyard, init. They lie beside lanyardd, as
// in a build folder, or in ../lib/lanyard seen from there, as they are installed; or all in the
// directory that --programs names.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PROGRAM_PATH = 4096 };

// The boot programs, in the order BIOS, x64 UEFI, arm64 UEFI.
enum { PROGRAM_KINDS = 3 };
extern const char *const programs_boot[PROGRAM_KINDS];

// The absolute path of `name`, where it exists. `directory`: --programs, NULL: none.
bool program_find(const char *directory, const char *name, char path[PROGRAM_PATH]);
