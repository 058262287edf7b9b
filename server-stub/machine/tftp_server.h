// SPDX-License-Identifier: BSD-2-Clause
// TFTP server session machine, read only (RFC 1350, 2347 options, 2348 blksize, 2349 tsize,
// 7440 windowsize), octet and netascii mode: one file on its way to one client.
//
// Its owner binds a port per session (the TID), starts the machine with the request that came to
// port 69, and then passes on what comes to that port. The file is read through callbacks.
// A granted timeout (RFC 2349) is the longest pause; losses are repaired sooner. The size of a netascii
// transfer is not known before its end, so tsize is not granted there.
//
// Rules it keeps: a block once acknowledged is never sent again; a repeated ACK is never answered
// with data in lock-step (no Sorcerer's Apprentice), and otherwise, where it reports a gap (RFC 7440
// section 4), once, and then at most once per round trip; retransmission by measured round trips
// (RFC 6298). A client that has not answered yet, whose address may be forged, gets the first packet
// and two repetitions, and one more for each time it asks again.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"
#include "netstack/base/rtt.h"
#include "server-stub/machine/netascii.h"

enum {
	TFTP_SERVER_WINDOW_MAX = 64,
	TFTP_SERVER_PLACES = 128, // more than a window, and a power of two
	TFTP_SERVER_FILE_SHOWN = 100,
	TFTP_SERVER_WHY = 80,
};

struct tftp_server_config {
	void *owner; // first argument of the callbacks
	// Finds the file; the name stands as the client sent it. True with *size set, or false with the
	// code and text of the ERROR to send (the text must stay valid for the session).
	bool (*open)(void *owner, const char *file, uint64_t *size, uint16_t *code, const char **text);
	// Gives `length` bytes at `offset`, both within the size; false if they cannot be read any more.
	bool (*read)(void *owner, uint64_t offset, void *to, size_t length);
	uint16_t blksize_max;    // 0: 1468, what an Ethernet frame holds
	uint16_t windowsize_max; // 0: TFTP_SERVER_WINDOW_MAX
	uint32_t window_bytes;   // a window of several blocks is not larger, 0: no limit
	uint32_t patience;       // ms without any progress until it fails, 0: 15 s
};

struct tftp_server {
	struct tftp_server_config cfg;
	enum machine_status status; // done: all was acknowledged, or the client had what it wanted
	struct fault fault;
	char why[TFTP_SERVER_WHY];  // failed: the reason alone
	struct endpoint peer;
	char file[TFTP_SERVER_FILE_SHOWN]; // for messages, cut
	uint16_t blksize, windowsize;
	unsigned options;           // TFTP_HAS_... granted
	uint32_t timeout;           // s, if granted
	uint64_t size;              // of the file
	bool netascii;
	uint64_t last;              // netascii: the last block, UINT64_MAX while that is not known
	// netascii: where block n begins, at [n % TFTP_SERVER_PLACES]
	struct netascii_place places[TFTP_SERVER_PLACES];
	uint64_t acked, sent;       // blocks
	uint64_t sent_most;         // blocks sent at least once
	bool oack_due, error_due;
	bool heard;                 // the client has acknowledged something
	bool opened;                // the OACK, if there is one, has been acknowledged
	bool gap_answered;          // the present window was begun again because of a gap
	bool timed_out;             // nothing has moved on since a timeout
	uint16_t error_code;
	const char *error_text;
	struct rtt rtt;
	bool measuring;
	uint64_t measured_from, rewound, next, progress, emitted; // ms
	struct {
		uint32_t timeouts, gaps;
	} count;
};

// `request` is what came to port 69. Status is failed at once, with an ERROR to send, where the
// request cannot be served.
void tftp_server_start(struct tftp_server *s, const struct tftp_server_config *cfg,
	const void *request, size_t length, const struct endpoint *from, uint64_t now);
void tftp_server_input(struct tftp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// The same request has come again to port 69: the first answer is sent once more if it may be lost.
void tftp_server_again(struct tftp_server *s, uint64_t now);
bool tftp_server_output(struct tftp_server *s, struct writer *packet, struct endpoint *to,
	uint64_t now);
uint64_t tftp_server_deadline(const struct tftp_server *s);
enum machine_status tftp_server_status(const struct tftp_server *s);
// Whether the last block has been sent: if the client is silent after that, most likely only its
// last acknowledgement is missing.
bool tftp_server_all_sent(const struct tftp_server *s);
