// SPDX-License-Identifier: BSD-2-Clause
// Where this program comes from, as the device path says by which the firmware has loaded it:
//
//   PciRoot / Pci / MAC [/ Vlan] / IPv4 [/ Dns] / Uri        UEFI HTTP Boot
//   PciRoot / Pci / MAC [/ Vlan] / IPv4                      PXE
#pragma once

#include "netstack/base/ipaddr.h"

#include <efi.h>

enum { ORIGIN_URL = 256 };

struct origin {
	uint16_t vlan;          // 0: none
	struct ipaddr server;   // unset: not known
	char url[ORIGIN_URL];   // empty: not by HTTP Boot, or of a kind that cannot be used
};

// NULL is a path without nodes.
void origin_read(struct origin *o, const EFI_DEVICE_PATH *path);
