// SPDX-License-Identifier: BSD-2-Clause
// From a file name as a configuration writes it to a server and a file on it, by pxelinux's rules:
//   name            relative to the prefix, even with a leading '/': "sub/" + "/vmlinuz"
//   ::name          without the prefix, on the boot server
//   host::name      on another server, by TFTP
//   tftp://host/x   asks `host` for "x", tftp://host//x for "/x"; '#' and what follows is cut
//   http://host/x   by HTTP
// The prefix itself may have one of these forms. Where it is an http:// URL, names are relative to it as
// links of a page are (RFC 3986): "/x" is then at the server's root, and "../x" works.
#pragma once

#include "bootloader/limits.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"

struct lease;

enum { PATH_URL = 2 * PATH_NAME };

struct path {
	bool http;            // else by TFTP
	bool relative;        // it lies below the prefix: what one boot server has, others may have too
	char file[PATH_NAME]; // HTTP: the URL's path and query
	struct ipaddr server; // unset: the host, where it has a name, else the boot server
	uint16_t port;        // 0: the protocol's
	char host[PATH_NAME]; // its name where it is not an address
};

// The prefix of relative names: option 210, else the boot file's name up to its last character
// outside [A-Za-z0-9.-]. False with *fault if it is too long.
bool path_prefix(char prefix[PATH_NAME], const struct lease *lease, struct fault *fault);
// False with *fault: FAULT_CONFIG_ERROR for a name that is too long or empty, FAULT_URL_SCHEME.
bool path_resolve(struct path *p, const char *prefix, const char *name, struct fault *fault);
// Appends the name with the card's PCI ID ("8086-100e") in place of "{nic}"; "any" where it is not
// known. `card` is platform_identity's nic_text.
void path_put_card(struct text *to, const char *name, const char *card);
// Appends the file's URL: it stays the same whatever the prefix is. `boot_server` stands in where the
// path names no server.
void path_url(const struct path *p, const struct ipaddr *boot_server, struct text *to);
