// SPDX-License-Identifier: BSD-2-Clause
// Device paths (UEFI 2.10, section 10): nodes of type, subtype and length up to an end node. A node
// shorter than its own header ends a path, too.
#pragma once

#include <efi.h>

#include <stdbool.h>
#include <stddef.h>

// The node behind this one; NULL if this is the last.
const EFI_DEVICE_PATH *path_next(const EFI_DEVICE_PATH *node);
// The first node of that type; NULL if there is none.
const EFI_DEVICE_PATH *path_find(const EFI_DEVICE_PATH *path, uint8_t type, uint8_t subtype);
// Bytes of the nodes before the end node.
size_t path_length(const EFI_DEVICE_PATH *path);
// Whether `path` begins with all nodes of `start`.
bool path_starts(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *start);
// A copy that outlives the handle; NULL if there is no memory.
EFI_DEVICE_PATH *path_copy(const EFI_DEVICE_PATH *path);
