// SPDX-License-Identifier: BSD-2-Clause
// The module list of an image that consists of parts (lanyard-modules(5)): /lanyard/modules of the
// common part, then the files of /lanyard/modules.d, which other parts bring along.
#pragma once

#include <stddef.h>

// All of it as one text with a NUL behind, in memory of its own (malloc); at most MODULES_FILE bytes.
// NULL with errno; ENOENT where the image has no list.
char *module_files_load(size_t *length);
