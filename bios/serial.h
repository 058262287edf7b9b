// SPDX-License-Identifier: BSD-2-Clause
// One serial port (8250 to 16550A) without interrupts.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Syslinux's flow control word: bits 0-1 DTR, RTS to raise; 4-7 CTS, DSR, RI, DCD to wait for before
// sending; 8-11 the same four without which input is ignored. Port 0..3 by the BIOS's table, else an
// I/O address. False if no such chip answers.
bool serial_open(uint32_t port, uint32_t baud, uint32_t flow);
// Queues one character; waits only if the queue is full, and not long.
void serial_put(char c);
// Sends what the chip takes now.
void serial_pump(void);
// Sends everything queued, unless the other side does not take it.
void serial_flush(void);
// The next byte, -1 if none.
int serial_get(void);
