// SPDX-License-Identifier: BSD-2-Clause
// The PXE ROM's programming interface: finding it, calling it, what it remembers of its own DHCP
// exchange, and taking it down.
#pragma once

#include "bootloader/platform.h"

#include <stdbool.h>
#include <stdint.h>

// Looks for the API in every place the specification and real ROMs know. False: there is none.
bool pxe_find(void);
// Calls the API on the ROM's own stack with Status cleared; `parameters` begin with Status. Gives
// the exit code: 0 is good.
uint16_t pxe_api(uint16_t opcode, void *parameters);
// Copies the packet of GET_CACHED_INFO's type (1 DISCOVER, 2 ACK, 3 CACHED_REPLY) into memory of
// ours; empty if the ROM has none.
struct platform_packet pxe_cached_packet(uint16_t type);
// Calls of the API so far, the UNDI exchange's not counted.
uint32_t pxe_calls(void);
// Shuts the ROM down after UNDI_CLOSE and gives its memory back where nothing hooks into it.
void pxe_unload(void);
