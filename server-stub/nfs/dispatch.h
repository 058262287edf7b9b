// SPDX-License-Identifier: BSD-2-Clause
// From the bytes of a call to the bytes of its reply.
#pragma once

#include "server-stub/nfs/files.h"

struct dispatch_reply {
	uint8_t *bytes; // malloc'ed; the record mark comes first; NULL: there is nothing to answer
	size_t length;
};

enum { DISPATCH_PEER = 16 }; // an address in the form of IPv6

// Executes a call in this thread, which must be a worker's (credentials, file mode mask). What is
// no call at all is not answered and *broken is set: whoever sent it does not speak RPC.
struct dispatch_reply dispatch(struct nfs_files *f, const uint8_t peer[DISPATCH_PEER],
	const uint8_t *record, size_t length, bool *broken);
