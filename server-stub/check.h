// SPDX-License-Identifier: BSD-2-Clause
// lanyardd --check: looks at everything that serving needs, changes and serves nothing. One line
// for each thing: "ok" and what it is, or "problem" and what to do.
#pragma once

#include "server-stub/options.h"

// The exit status: 0 if there is no problem, 1 otherwise.
int check_run(const struct options *o);
