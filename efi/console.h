// SPDX-License-Identifier: BSD-2-Clause
// The firmware's console, and a serial port beside it where that does not go there by itself.
#pragma once

void console_init(void);
// Shows what waits.
void console_flush(void);
