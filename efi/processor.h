// SPDX-License-Identifier: BSD-2-Clause
// What differs between processors: a counter that always runs, and a source of randomness. One file
// for each kind of processor implements it.
#pragma once

#include "bootloader/platform.h"

#include <stdbool.h>
#include <stdint.h>

uint64_t processor_counter(void);
// Steps in a second; 0 where the processor does not say: then it is measured.
uint64_t processor_counter_hz(void);
// A hint to the processor that this is a waiting loop.
void processor_pause(void);
// A random number from the processor; false if it has none.
bool processor_random(uint64_t *number);
// What CPUID says of the processor; all zeros where there is no such thing.
struct platform_cpu processor_features(void);
// The number of this kind of machine in DHCP (option 93).
uint16_t processor_arch(void);
// How kernels for this kind of processor may be packed, as platform_identity says it.
const struct packed_kernel *processor_packing(void);
// Device trees (device_tree.h); NULL where Linux takes none.
const struct device_tree_ops *processor_trees(void);
