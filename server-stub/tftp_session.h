// SPDX-License-Identifier: BSD-2-Clause
// A TFTP session: a file on its way to a client, over a socket of its own (the TID) that is bound to
// the address the client spoke to and connected to the client.
#pragma once

#include "server-stub/events.h"
#include "server-stub/machine/tftp_server.h"
#include "server-stub/sources.h"
#include "server-stub/tftp_burst.h"

// What all sessions of a service share.
struct tftp_sessions {
	struct events *events;
	struct sources *sources;
	struct tftp_burst *burst;
	struct tftp_session *first;
	size_t count;
	void (*ended)(void *owner); // after a session has gone
	void *owner;
};

struct tftp_request {
	const void *bytes;
	size_t length;
	struct endpoint client, local;
};

// A socket between those two, with a port of its own; -1 and errno.
int tftp_session_connect(const struct tftp_request *request);
// Begins to answer. 0, or errno: EMFILE, ENOMEM.
int tftp_session_start(struct tftp_sessions *all, const struct tftp_request *request, uint64_t now);
// True if the request is being served already. A session that has made no progress for a while is
// ended, and the client may begin anew.
bool tftp_session_known(struct tftp_sessions *all, const struct tftp_request *request, uint64_t now);
// Ends the oldest one whose client has not answered for a while, longer than a round trip: perhaps
// nobody has asked for it.
bool tftp_session_make_room(struct tftp_sessions *all, uint64_t now);
void tftp_sessions_end(struct tftp_sessions *all);
