// SPDX-License-Identifier: BSD-2-Clause
// The person's side: screen and keyboard by BIOS calls, serial port by its registers.
#pragma once

// Moves what waits: characters to the screen and the serial port, as much as goes without waiting.
// Called wherever the program passes often.
void console_pump(void);
// Everything out, even if it takes time: before the machine is handed to somebody else.
void console_flush(void);
