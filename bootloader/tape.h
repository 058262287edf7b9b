// SPDX-License-Identifier: BSD-2-Clause
// A tape: all that a boot has been given, so that it can be repeated on a desk (lanyard-host --replay). The
// boot program writes it into a piece of memory while it runs; what has failed may then be sent away.
//
// The file is "lanyard tape 2\n" and records, whose numbers are little-endian:
//
//   kind 1 | number 1 | length 2 | ms 2 | sent 2 | `length` bytes
//
// ms: since the record before; longer ones are told by TAPE_PAUSE records in front. sent: frames that the
// program has sent since the record before: an answer must not come before its question. A kind of 0, a
// record that is cut off, or the end of the file ends the tape.
//
// A tape begins with its boot, as a run can only be repeated from its start, and what does not fit any
// more is left out and counted. So that a whole boot fits, of the large files (tape_bulk) only the first
// 16 TFTP blocks, or 24 KiB of a TCP connection behind each answer's head, are kept; of their other frames
// the protocols' heads are, as differences from the frame before, and zeros stand in for their payload.
// Such a frame's checksum counts as right.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/netdev.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAPE_MAGIC "lanyard tape 2\n"

enum tape_kind {
	TAPE_WORD = 'W',     // of lanyard-host's command line
	TAPE_IDENTITY = 'I', // struct tape_identity, in its order, without padding
	TAPE_DISCOVER = 'D', // DHCP messages that the firmware has kept
	TAPE_ACK = 'A',
	TAPE_PROXY = 'P',
	TAPE_SMBIOS = 'M',   // the table of structures
	TAPE_URL = 'U',      // of HTTP Boot
	TAPE_CARD = 'C',     // number: which; 6 bytes of hardware address, 2 of MTU, its name
	TAPE_SEED = 'S',     // 16 bytes, and 8: the clock at the tape's begin
	TAPE_LINK = 'L',     // number: of the card; one byte: enum netdev_link from now on
	TAPE_FRAME = 'F',    // number: of the card that has received it
	TAPE_UNSUMMED = 'f', // the same with a checksum that does not count
	TAPE_BULK = 'B',     // the same without its payload: length 2, of the heads 1, which of their bytes
	                     // differ (a bit each, the lowest first), those bytes
	TAPE_BUSY = 'Y',     // number: of the card, which has not taken a frame
	TAPE_TURN = 'T',     // the program has sent something, or begun a connection, without having received
	                     // anything; its `sent` is the one before that
	TAPE_KEY = 'K',      // 2 bytes: enum platform_key
	TAPE_SHIFT = 'H',    // was held when the program looked
	TAPE_FAULT = 'X',    // struct tape_mark, in its order: up to here when it was sent
	TAPE_PAUSE = 'Z',
};

enum {
	TAPE_SIZE = 640 * 1024, // bytes of memory: some 35 MB of files
	TAPE_HEAD = 8,          // of a record
	TAPE_HEADS = 96,        // of a frame without payload, at most
	TAPE_IDENTITY_LENGTH = 50,
	TAPE_MARK_LENGTH = 10,
	TAPE_CARD_HEAD = 8,
};

struct tape_identity {
	uint16_t arch, vlan;
	uint8_t flags;    // 1: uuid is set, 2: EFI programs can be started
	uint8_t boot_nic; // number of its card, 255: not known
	uint32_t memory;  // free, KiB
	uint32_t cpu[5];  // struct platform_cpu
	uint8_t boot_server[4]; // IPv4, 0: not known
	uint8_t uuid[16];
};

struct tape_mark {
	uint16_t fault;
	uint32_t lost; // records that had no room
	uint32_t ms;   // since the tape's begin
};

struct tape {
	uint8_t *start;      // NULL: nothing is kept
	size_t size, length;
	uint64_t now;        // ms: its owner keeps it up to date
	uint64_t began, told; // when the tape, its latest record were written
	uint32_t sent, told_sent;
	uint32_t lost;
	bool bulk;
	uint32_t whole;      // bytes of TCP to be kept yet
	uint8_t heads[TAPE_HEADS]; // of the latest frame without payload
};

// `memory` stays the caller's.
void tape_begin(struct tape *t, void *memory, size_t size, uint64_t now);
void tape_put(struct tape *t, enum tape_kind kind, uint8_t number, const void *bytes, size_t length);
void tape_put_identity(struct tape *t, const struct tape_identity *i);
// What comes from now on is a large file of which nobody reads more than the beginning, or is not.
void tape_bulk(struct tape *t, bool on);
void tape_put_frame(struct tape *t, uint8_t card, const struct netdev_frame *f);
// A TAPE_TURN; `sent` is t->sent before it.
void tape_put_turn(struct tape *t, uint32_t sent);
// The tape is about to be sent because of this; it has room for that in any case. Gives its length.
size_t tape_mark(struct tape *t, enum fault_id fault);
