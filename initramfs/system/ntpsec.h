// SPDX-License-Identifier: BSD-2-Clause
// The configuration that Debian's ntpsec uses instead of its own while there are time servers of a lease:
// its own with those in the place of all others.
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

// `conf` is the text of ntp.conf(5); `servers` ends with its `count` or at an unset one.
void ntpsec_conf(const char *conf, const struct ipaddr *servers, size_t count, struct text *t);
