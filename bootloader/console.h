// SPDX-License-Identifier: BSD-2-Clause
// What the person in front of the machine reads: one line per stage with the time since the start,
// one line that is drawn over while something is awaited, and fault sentences.
#pragma once

#include "netstack/base/fault.h"

#include <stddef.h>
#include <stdint.h>

// From now on times are counted.
void console_start(void);
// Milliseconds since console_start.
uint32_t console_elapsed(void);
// A stage: "[  0.12] lease 192.168.2.50/24 ...". Ends and clears the status line.
void console_stage(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A fault's whole sentence, in the form of a stage, broken between words.
void console_fault(const struct fault *fault);
// Draws over the status line. It has no end of line; the next stage replaces it.
void console_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Removes the status line.
void console_clear(void);
// Text as it stands, without time and line end. Control characters but '\n' are dropped.
void console_text(const char *text);
// Shows a file with syslinux's codes for colours in it.
void console_display(const char *text, size_t length);
