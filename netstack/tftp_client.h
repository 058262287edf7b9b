// SPDX-License-Identifier: BSD-2-Clause
// TFTP client machine, read only (RFC 1350, 2347 options, 2348 blksize, 2349 tsize and timeout,
// 7440 windowsize), octet mode.
//
// Rules it keeps: a new local port per transfer (its owner binds one); data only from the TID that
// answered first, others get ERROR 5; a duplicate DATA is never answered (no Sorcerer's Apprentice);
// block numbers roll over from 65535 to 0 (and to 1, where a lock-step server does that); an OACK is
// checked against what was asked; ERROR texts are bounded and shown; retransmission by measured
// round trips (RFC 6298); a gap in a window is asked for again once from the last good block.
//
// Lock-step with less waiting: where the server has told the size but knows no windows, ACKs are
// sent for some blocks that are still to come (`ahead`), never for the last one. The server finds
// each such ACK in its queue when it has sent the block, and sends the next: a window that every
// server understands. A block that is lost then cannot be asked for again, as its ACK is out: the
// file is asked for once more from its beginning, with half as many, then with none. ACKs ahead
// grow in number with the blocks that have come, stop at the roll-over of block numbers, and end
// after several time-outs.
//
// Bytes are written once. What is in the sink when a file is begun again, `kept` bytes, the server
// sends once more, as TFTP knows no offsets; it is passed over, that is, compared. So it is after a
// restart and, started with the number that an earlier try has left, on another server. Where a
// byte differs, or the size that is told, the machine ends with FAULT_FILE_DIFFERS, and nothing is
// kept.
//
// What it does not like in an OACK it refuses with ERROR 8, and then asks once more, without
// options; so it does when the server answers the options with an error.
//
// The end: after DONE or FAILED the owner calls tftp_client_output until it gives false, because the
// last ACK or an ERROR may be due. When the server did not hear the last ACK it sends the last DATA
// again: the machine answers that after DONE too, so the owner leaves the port bound and the input
// coming for a moment (TFTP_LINGER ms) where it can; nothing waits for it.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"
#include "netstack/base/machine.h"
#include "netstack/base/random.h"
#include "netstack/base/rtt.h"
#include "netstack/sink.h"
#include "netstack/tftp_path.h"

enum {
	TFTP_NAME = 512,          // longest file name with its NUL
	TFTP_BLKSIZE = 1428,      // default wish: fits an Ethernet frame with room for IP options and tunnels
	TFTP_AHEAD_MAX = 16,
	TFTP_LINGER = 1000,       // ms
};

struct tftp_client_config {
	struct random *random;
	struct endpoint server;   // port 0: TFTP_PORT
	const char *file;         // copied; at most TFTP_NAME
	struct sink *sink;        // receives the bytes; NULL with size_only
	uint64_t kept;            // so many bytes of the file are in the sink already
	uint64_t size;            // with `kept`: of the file, as far as known
	bool size_only;           // only learn the size, from tsize; the transfer is then refused politely
	uint16_t blksize;         // 0: TFTP_BLKSIZE; the owner lowers it to the path's MTU - 32
	uint16_t windowsize;      // 0: what `path` knows, else TFTP_WINDOWSIZE; 1: option not sent
	struct tftp_path *path;   // learns from this transfer for the next one; NULL: nothing
	uint16_t ahead;           // blocks acknowledged before they have come, at most TFTP_AHEAD_MAX
	uint32_t patience;        // ms without any progress until it fails, 0: 15 s
};

struct tftp_client {
	struct tftp_client_config cfg;
	enum machine_status status;
	struct fault fault;
	char file[TFTP_NAME];
	struct endpoint peer;          // the server's TID once it has answered
	bool answered;                 // `peer` is known
	bool plain;                    // asking without options, after they were refused
	unsigned asked, doubts;        // requests with options; errors since then that may be their answers
	bool insists;                  // options were answered all the same, perhaps to an earlier request
	uint16_t refused_port;         // TID of the answer refused then
	bool request_due, ack_due, error_due;
	bool lost;                     // the current window had a gap already asked for
	bool rolls_to_one;             // after block 65535 the server went on with 1
	uint16_t blksize, windowsize, ahead; // in force
	uint64_t size;                 // tsize; SINK_SIZE_UNKNOWN if absent or 0 (which some servers just echo)
	uint64_t announced;            // what is known of the size of the file that the sink holds
	uint64_t kept;                 // bytes of it in the sink, in order
	uint64_t received;             // bytes delivered in order so far; below `kept` it passes over them
	uint64_t block;                // blocks delivered in order so far
	uint64_t full;                 // blocks of full length that the file has; the one after them ends it
	uint64_t acked;                // the newest block acknowledged
	uint64_t furthest;             // the same, ever
	uint16_t last;                 // number of the last of them, as on the wire
	uint16_t in_window;            // blocks since the last ACK
	uint16_t useless;              // packets since then that were not the block wanted
	uint16_t error_code;           // of the ERROR due to the peer
	const char *error_text;
	uint16_t stranger;             // port to which ERROR 5 is due, 0: none
	uint64_t started, sent, next, progress; // ms
	struct rtt rtt;
	bool measuring;                // `sent` may be used as a round trip sample (Karn)
	unsigned tries;
	struct {
		uint32_t timeouts, gaps, duplicates, strangers, restarts;
	} count;
};

void tftp_client_start(struct tftp_client *t, const struct tftp_client_config *cfg, uint64_t now);
void tftp_client_input(struct tftp_client *t, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// ICMP or ARP reported that what was sent to `peer` did not arrive: ends the transfer with that fault
// while nothing has been received yet. That a port is closed counts for the one that was asked only: a
// transfer begun anew still tells the old one's port to stop, which may be closed by then.
void tftp_client_unreachable(struct tftp_client *t, const struct endpoint *peer,
	const struct fault *why, uint64_t now);
bool tftp_client_output(struct tftp_client *t, struct writer *packet, struct endpoint *to,
	uint64_t now);
uint64_t tftp_client_deadline(const struct tftp_client *t);
enum machine_status tftp_client_status(const struct tftp_client *t);
