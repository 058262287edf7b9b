// SPDX-License-Identifier: BSD-2-Clause
// The machine's UUID from SMBIOS (DMTF DSP0134). Both are pure: the caller brings the memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Looks for the 32- or 64-bit entry point structure on 16-byte boundaries of `area` (the segment
// F000h). Gives the table's address and its length at most.
bool smbios_entry(const uint8_t *area, size_t size, uint64_t *table, uint32_t *length);
// The UUID of the System Information structure (type 1), as it stands there. False without one, or
// if it is all zeros or all ones ("not set", "not present").
bool smbios_uuid(const uint8_t *table, size_t length, uint8_t uuid[16]);
// Whether a UUID says something: neither all zeros nor all ones.
bool smbios_uuid_plausible(const uint8_t uuid[16]);
