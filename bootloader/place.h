// SPDX-License-Identifier: BSD-2-Clause
// Memory for the boot program itself, above what a BIOS loads it into.
#pragma once

#include <stdint.h>

// Contents undefined; goes back by platform_release. NULL if there is none. Below 2 GiB, which
// every firmware's driver can reach, where the machine has memory there: some of arm64 have not.
uint8_t *place_reserve(uint64_t size);
