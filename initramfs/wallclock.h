// SPDX-License-Identifier: BSD-2-Clause
// The time of day on machines whose clock has stopped or that have none. A clock that is behind the root
// file system's own dates is wrong: it is set by the lease's time servers, else by what the boot server
// says of the time over HTTP, else to the newest of those dates, so that time does not run backwards.
// Runs inside the root; takes some seconds at most.
#pragma once

#include "netstack/lease.h"

// `root_server`: the root's server, an address or a name; it is asked as well.
void wallclock_correct(const struct lease *lease, const char *root_server);
