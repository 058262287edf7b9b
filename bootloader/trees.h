// SPDX-License-Identifier: BSD-2-Clause
// Device trees that a label names (FDT, FDTDIR, FDTOVERLAYS): found and fetched. What is in them, and
// how Linux gets them, is the platform's business.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The `number`th name that the machine's tree may have in a directory, by what the machine is called
// (`compatible`, texts with their NULs, of `length` bytes in all, the most special first, the processor
// last). False behind the last one; an empty name is to be passed over.
bool trees_candidate(const char *compatible, size_t length, unsigned number, struct text *name);
// Whether `length` bytes are a device tree by its header, and all of it (Devicetree Specification
// 5.2). False with *fault: TREE_BAD.
bool trees_check(const uint8_t *bytes, size_t length, const char *name, struct fault *fault);
