// SPDX-License-Identifier: BSD-2-Clause
// Where the root file system is: root=, nfsroot= and DHCP's root-path in the forms that the kernel,
// klibc and dracut take (Linux Documentation/admin-guide/nfs/nfsroot.rst), and the mount(2) options
// that follow from them.
//
//   [SERVER:]PATH[,OPTIONS]      nfs:SERVER:PATH[:OPTIONS|,OPTIONS]      nfs4:...
//   nfs://SERVER[:PORT]/PATH     default[,OPTIONS]
//
// SERVER is a name, an IPv4 address, or an IPv6 address in brackets: [fd00::2], [fe80::1%eth0].
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/text.h"

#include <stdbool.h>

enum { NFSROOT_SERVER = 256, NFSROOT_PATH = 1024, NFSROOT_OPTIONS = 512, NFSROOT_DATA = 1280 };

enum nfsroot_access { NFSROOT_UNSAID, NFSROOT_RO, NFSROOT_RW };

struct nfsroot {
	char server[NFSROOT_SERVER];   // address (without brackets) or name, "" unknown
	char path[NFSROOT_PATH];       // "" unknown; may hold %s
	char options[NFSROOT_OPTIONS]; // for the kernel: without ro, rw and what mount(8) handles
	enum nfsroot_access access;    // the last ro or rw among the options
	unsigned long flags;           // MS_* that options asked for
	bool v4;                       // nfs4:
};

// Reads one value and lays it over what *n knows already: parts that the value leaves out stay.
// False with *fault (FAULT_ROOT_PARAMETER).
bool nfsroot_read(struct nfsroot *n, const char *value, struct fault *fault);
// Adds mount options (rootflags=) to those known.
bool nfsroot_add_options(struct nfsroot *n, const char *options, struct fault *fault);
// Puts the kernel's default path where none is known, and `client` (name or address) for its %s.
// False with *fault if the result is too long or `client` is no plain name.
bool nfsroot_complete(struct nfsroot *n, const char *client, struct fault *fault);
// Whether an option of that name (the part before '=') was given.
bool nfsroot_has(const struct nfsroot *n, const char *name);
// The number that an option of that name has; 0: not given, or no number.
uint32_t nfsroot_number(const struct nfsroot *n, const char *name);
// What mount(2) is to call the device: SERVER:PATH, an IPv6 address in brackets.
void nfsroot_source(const char *server, const char *path, struct text *to);
// The text for mount(2): defaults, then what was given, then addr=. `version` is "3", "4.2", ...;
// it is left out where the options name one themselves.
void nfsroot_data(const struct nfsroot *n, const char *version, const char *address,
	struct text *to);
// Whether the options say which NFS version to use.
bool nfsroot_names_version(const struct nfsroot *n);
