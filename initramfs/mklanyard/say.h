// SPDX-License-Identifier: BSD-2-Clause
// What mklanyard tells a person, on standard error.
#pragma once

#include "netstack/base/fault.h"

// "mklanyard: note: ...": worth knowing, and no reason to stop.
void say_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
// The fault's sentence; the exit code that goes with it: 100 for misuse, else 111.
int say_fault(const struct fault *f);
