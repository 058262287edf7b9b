// SPDX-License-Identifier: BSD-2-Clause
// From a file name as a configuration writes it to a server and a file name on it, by pxelinux's
// rules:
//   name            relative to the prefix, even with a leading '/': "sub/" + "/vmlinuz"
//   ::name          without the prefix, on the boot server
//   host::name      on another server
//   tftp://host/x   asks `host` for "x", tftp://host//x for "/x"; '#' and what follows is cut
// The prefix itself may have one of these forms.
#pragma once

#include "bootloader/limits.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"

struct lease;

struct path {
	char file[PATH_NAME];
	struct ipaddr server; // unset: the boot server
	uint16_t port;        // 0: the protocol's
	char host[64];        // the host's name where it is not an address: it cannot be looked up here
};

// The prefix of relative names: option 210, else the boot file's name up to its last character
// outside [A-Za-z0-9.-]. False with *fault if it is too long.
bool path_prefix(char prefix[PATH_NAME], const struct lease *lease, struct fault *fault);
// False with *fault: FAULT_CONFIG_ERROR for a name that is too long or empty, FAULT_URL_SCHEME.
bool path_resolve(struct path *p, const char *prefix, const char *name, struct fault *fault);
