// SPDX-License-Identifier: BSD-2-Clause
// A serial port by the firmware's Serial I/O protocol (UEFI 2.10, section 12.8).
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Port 0..3 as the firmware counts them. True also for a port that the firmware's console uses
// already: it is left alone, or everything would appear twice.
bool serial_open(uint32_t port, uint32_t baud, uint32_t flow);
void serial_put(char c);
void serial_flush(void);
// As platform_getkey.
int serial_key(void);
