// SPDX-License-Identifier: BSD-2-Clause
// The machine's UUID: from SMBIOS (DMTF DSP0134) or as the firmware has sent it by DHCP. For the
// platforms, which bring the memory.
#pragma once

#include "bootloader/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Looks for the 32- or 64-bit entry point structure on 16-byte boundaries of `area` (the segment
// F000h). Gives the table's address and its length at most.
bool uuid_smbios_entry(const uint8_t *area, size_t size, uint64_t *table, uint32_t *length);
// The UUID of the System Information structure (type 1), as it stands there. False without one, or
// if it is all zeros or all ones ("not set", "not present").
bool uuid_of_smbios(const uint8_t *table, size_t length, uint8_t uuid[16]);
// Option 97 of the firmware's DHCP message. False if it is not there or says nothing.
bool uuid_of_packet(const struct platform_packet *p, uint8_t uuid[16]);
