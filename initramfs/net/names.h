// SPDX-License-Identifier: BSD-2-Clause
// Interface names as udev would give them (systemd.net-naming-scheme(7)): command lines written for a
// system with udev say ens3 or enp0s3, while here the kernel's eth0 stays.
#pragma once

#include <stdbool.h>

// Whether `wanted` is one of the names that udev could give to the interface `name` with this hardware
// address: by firmware index (eno1), slot (ens3), place (enp0s3), or address (enx525400123401).
bool names_fit(const char *wanted, const char *name, const unsigned char hwaddr[6]);
