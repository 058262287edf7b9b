// SPDX-License-Identifier: BSD-2-Clause
// Takes the tapes that boot programs send after a failure (bootloader/tape.h), by TFTP write requests for one
// name, into one directory.
//
// Strangers may send, too: what is taken begins as a tape does, is at most TAPES_BYTES long, at most
// TAPES_AT_A_TIME come at once, one from each client, and TAPES_KEPT stay, the newest. A file is named by the
// hardware address that this machine knows for the sender, else by its address: nothing of what it says
// becomes a name. A file appears when it is whole.
#pragma once

#include "server-stub/events.h"
#include "server-stub/interface.h"
#include "server-stub/tftp_session.h"

// What clients are told to write (the made-up configuration's REPLAY).
#define TAPES_NAME "lanyard.tape"

enum { TAPES_AT_A_TIME = 4, TAPES_BYTES = 1 << 20, TAPES_KEPT = 32 };

struct tapes_config {
	struct events *events;
	const struct interfaces *interfaces;
	int directory;    // its own from then on
	const char *path; // its name, for people
};

struct tapes;

// A directory for them below `state`, for that user alone; -1 and errno.
int tapes_directory(const char *state, uid_t user, gid_t group);
// NULL where memory is missing.
struct tapes *tapes_start(const struct tapes_config *config);
// Whether that was such a request. Then it has been seen to.
bool tapes_take(struct tapes *t, const struct tftp_request *request, uint64_t now);
void tapes_stop(struct tapes *t);
