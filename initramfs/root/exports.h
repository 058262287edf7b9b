// SPDX-License-Identifier: BSD-2-Clause
// What a server's list of exports (MOUNT's EXPORT, RFC 1813 appendix I) says about one path and this
// machine, so that a refusal can be explained. Does no I/O.
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/wire/xdr.h"

enum exports_verdict {
	EXPORTS_UNKNOWN, // there is no list, or it cannot be read
	EXPORTS_ABSENT,  // the path is on it by no name
	EXPORTS_OTHERS,  // it is, for other machines
	EXPORTS_OURS,    // it is, for this one too, or for names that only the server can tell
};

enum { EXPORTS_WORDS = 160 };

struct exports {
	enum exports_verdict verdict;
	char words[EXPORTS_WORDS]; // for people; "" if unknown
};

// Reads the results of EXPORT. `own` is this machine's address as the server sees it.
void exports_read(struct exports *e, struct xdr *results, const char *path,
	const struct ipaddr *own);
