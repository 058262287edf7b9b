// SPDX-License-Identifier: BSD-2-Clause
// The last replies to calls that may not be executed twice (REMOVE, RENAME, MKDIR...). A client
// whose connection broke sends such a call again, the same bytes with the same xid; it gets the
// same reply. A call is known by its client's address and a keyed hash over all its bytes.
#pragma once

#include "server-stub/nfs/dispatch.h"

enum { REPLIES_COUNT = 512, REPLIES_LENGTH_MAX = 1024, REPLIES_MS = 120 * 1000 };

// Begins one call: true with a copy of its reply (malloc'ed) if it was executed before; waits if
// another worker is executing it. False: it is new, and replies_end has to follow; *slot is for
// that.
bool replies_begin(struct nfs_files *f, const uint8_t peer[DISPATCH_PEER], const uint8_t *record,
	size_t length, struct dispatch_reply *to, unsigned *slot);
void replies_end(struct nfs_files *f, unsigned slot, const struct dispatch_reply *reply);

struct replies *replies_new(void);
void replies_free(struct replies *r);
