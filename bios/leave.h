// SPDX-License-Identifier: BSD-2-Clause
// What every way out of the boot program has in common.
#pragma once

#include <stdbool.h>

// Closes the network card and, unless the ROM's PXE code is to stay in memory, takes that down, too.
void leave_network(bool keep_pxe);
