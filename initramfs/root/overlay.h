// SPDX-License-Identifier: BSD-2-Clause
// lanyard.overlay=tmpfs[,size=SIZE]: the root from the server stays read-only, and what the machine
// writes goes to a tmpfs above it.
#pragma once

#include "netstack/base/fault.h"

// `value` is what follows lanyard.overlay=. The root is mounted on `root`; afterwards the overlay is,
// and the two layers are below /run/lanyard (lower, upper). False with *fault.
bool overlay_mount(const char *value, const char *root, struct fault *fault);
// Takes the overlay and its layers away again, for a new beginning.
void overlay_drop(const char *root);
