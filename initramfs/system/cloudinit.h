// SPDX-License-Identifier: BSD-2-Clause
// cloud-init(1) on a root that many machines share. It would take the card's configuration from
// /run/net-*.conf or make one up, and write it into the tree, with this machine's card in it; and it
// would give all machines the one name that its data source knows. Words on the kernel's command line
// tell it otherwise, so it is given a copy of that line that has them.
//
// The words are documented: network-config=disabled, and "cc: YAML end_cc" for any other setting.
// /run/cloud-init/cloud.cfg would not do: it is written anew before cloud-init starts, and counts less
// than /run/net-*.conf.
#pragma once

#include "netstack/base/text.h"

#include <stdbool.h>

// The copy of the line `cmdline`, as a setting in a file that EnvironmentFile= (systemd.exec(5)) names.
// What the line itself says of the network counts more.
void cloudinit_environment(struct text *t, const char *cmdline, bool leave_network, bool leave_hostname);
