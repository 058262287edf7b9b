// SPDX-License-Identifier: BSD-2-Clause
// TFTP write session, the server's side (RFC 1350, 2347 options, 2348 blksize, 2349 tsize): one small file
// on its way from one client, block after block, octet mode only.
//
// Its owner binds a port per session (the TID), starts the machine with the request that came to port
// 69, and then passes on what comes to that port. A block is given to the owner once and in order, and
// never more bytes than the configuration allows. A client whose acknowledgement was lost repeats its
// block and is acknowledged again, also for a while after the end. One that is silent is given up; a
// client that has not answered yet, whose address may be forged, gets one packet for each of its own.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"

struct tftp_receiver_config {
	void *owner;
	// Takes the next bytes; false where they cannot be kept, and *why is what the client is told.
	bool (*write)(void *owner, const void *bytes, size_t length, const char **why);
	// All bytes have been given; false as above.
	bool (*finish)(void *owner, const char **why);
	uint64_t most;     // bytes
	uint16_t blksize_max;
	uint32_t patience; // ms without a new block, and after the last one
};

struct tftp_receiver {
	struct tftp_receiver_config cfg;
	enum machine_status status; // done: finished, and its patience is over
	bool finished;       // the file is whole
	const char *why;     // failed: the reason
	struct endpoint peer;
	uint16_t blksize;
	unsigned options;    // granted
	uint64_t size, tsize; // bytes so far; announced
	uint16_t block;      // the latest one that was taken
	uint64_t progress;   // ms
	bool answer_due, error_due;
	uint16_t error_code;
};

// Status is failed at once, with an ERROR to send, where the request cannot be served.
void tftp_receiver_start(struct tftp_receiver *r, const struct tftp_receiver_config *cfg,
	const void *request, size_t length, const struct endpoint *from, uint64_t now);
void tftp_receiver_input(struct tftp_receiver *r, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// The same request has come again to port 69.
void tftp_receiver_again(struct tftp_receiver *r);
bool tftp_receiver_output(struct tftp_receiver *r, struct writer *packet, struct endpoint *to,
	uint64_t now);
uint64_t tftp_receiver_deadline(const struct tftp_receiver *r);
