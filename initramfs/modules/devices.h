// SPDX-License-Identifier: BSD-2-Clause
// The machine's devices as sysfs lists them and as the kernel announces them (uevents), so that
// drivers are found for cards that are there and for those that appear late.
#pragma once

#include "netstack/base/text.h"

#include <stdbool.h>

// Called with each device's modalias.
typedef void devices_found(void *owner, const char *modalias);

// Opens the socket for announcements; gives its descriptor, -1 with errno. Open it before
// devices_scan, so that no device is missed.
int devices_listen(void);
// Reads announcements that have arrived. Does not block.
void devices_read(int fd, devices_found *found, void *owner);
// All devices on all buses.
void devices_scan(devices_found *found, void *owner);
// The network adapters on PCI, for a person who misses one: "Ethernet 8086:15f3 at 0000:00:1f.6 has no
// driver here, Wi-Fi 8086:2723 at 0000:02:00.0 cannot carry the root". Nothing where there is none.
void devices_describe_adapters(struct text *to);
// A notice for each Ethernet adapter on PCI without a driver: how mklanyard adds that to the image.
void devices_suggest_drivers(void);
