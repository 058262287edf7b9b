// SPDX-License-Identifier: BSD-2-Clause
// Runs depmod (kmod's own program, without a shell) over a private module directory.
#pragma once

#include "netstack/base/fault.h"

#include <signal.h>

// Makes the index in BASE/lib/modules/VERSION. depmod inherits the descriptor `keep_fd` under the
// same number and the signal mask `signals`; what it says goes to BASE/depmod.log, whose last line
// becomes part of the sentence if it fails.
bool depmod_run(const char *base, const char *version, int keep_fd, const sigset_t *signals,
	struct fault *f);
