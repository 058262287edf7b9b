// SPDX-License-Identifier: BSD-2-Clause
// The machine's memory above 1 MiB, as the BIOS describes it, and what we have taken of it.
#pragma once

#include <stdint.h>

// Opens the A20 gate and reads the BIOS's map.
void memory_init(void);
// Where the protected-mode part of the kernel that was reserved last has to lie when it starts.
uint32_t memory_kernel_target(void);
// First byte of base memory that belongs to the BIOS, the EBDA or the PXE ROM (now).
uint32_t memory_base_end(void);
