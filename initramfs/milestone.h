// SPDX-License-Identifier: BSD-2-Clause
// What init tells the person at the console, and keeps in /run/lanyard/milestones:
//   lanyard:   123 ms  link of eth0 is up
// One line per stage, with the milliseconds since /init started.
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

// `quiet`: stages and notices are kept but not shown; faults and waiting lines always are.
void milestone_begin(uint64_t start, bool quiet);
// Opens the file that keeps the lines; from then on they are written there too.
void milestone_keep(const char *path);
// From now on standard error is the kernel's log (/dev/kmsg): lines begin as its lines do, and no
// file keeps them.
void milestone_to_log(void);
// A stage is done.
void milestone(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Something was assumed or left out that the person should know.
void milestone_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Nothing happens for a while: says what is awaited.
void milestone_waiting(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A line for the file only.
void milestone_record(const char *format, ...) __attribute__((format(printf, 1, 2)));
void milestone_fault(const struct fault *f);
// Milliseconds since milestone_begin's start.
uint64_t milestone_elapsed(void);
