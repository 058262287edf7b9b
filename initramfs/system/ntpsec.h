// SPDX-License-Identifier: BSD-2-Clause
// The configuration that Debian's ntpsec uses instead of its own while there are time servers of a lease:
// its own with those in the place of all others.
#pragma once

#include "netstack/base/text.h"
#include "netstack/lease.h"

// `conf` is the text of ntp.conf(5).
void ntpsec_conf(const char *conf, const struct lease *lease, struct text *t);
