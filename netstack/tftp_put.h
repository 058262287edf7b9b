// SPDX-License-Identifier: BSD-2-Clause
// TFTP write request, the client's side (RFC 1350, with blksize of RFC 2348): some memory becomes a file on
// a server. One block at a time: this is for small things that are sent rarely.
//
// Rules: the server's port is that of its first answer, and nothing else is listened to; an
// acknowledgement that is not the expected one is ignored, so that no block is ever doubled
// (Sorcerer's Apprentice); what is not answered is repeated by a measured round trip's time; a server
// that is silent for TFTP_PUT_PATIENCE is given up.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"
#include "netstack/base/rtt.h"

#include <stddef.h>

enum {
	TFTP_PUT_PATIENCE = 8000, // ms
	TFTP_PUT_BLKSIZE = 1400,  // asked for
	TFTP_PUT_PACKET = TFTP_PUT_BLKSIZE + 4,
};

struct tftp_put_config {
	struct endpoint server; // port 0: TFTP_PORT
	const char *file;       // its name there; must stay valid
	const uint8_t *bytes;   // must stay as they are
	size_t length;          // less than 65535 blocks
};

struct tftp_put {
	struct tftp_put_config cfg;
	enum machine_status status;
	struct fault fault;
	bool answered;     // cfg.server.port is the one that answered
	uint32_t block;    // the next to be acknowledged; 0: the request
	uint32_t blksize;
	bool due;          // a packet is to be sent
	bool repeated;     // it has been sent before
	uint64_t sent, progress; // ms
	struct rtt rtt;
};

void tftp_put_start(struct tftp_put *p, const struct tftp_put_config *cfg, uint64_t now);
void tftp_put_input(struct tftp_put *p, const void *packet, size_t length, const struct endpoint *from,
	uint64_t now);
bool tftp_put_output(struct tftp_put *p, struct writer *packet, struct endpoint *to, uint64_t now);
uint64_t tftp_put_deadline(const struct tftp_put *p);
// What the stack has been told of the server.
void tftp_put_unreachable(struct tftp_put *p, const struct fault *fault);
