// SPDX-License-Identifier: BSD-2-Clause
// A TFTP server of the simulation as they are found in the world: it knows no options, or few, answers
// them with nonsense, resends on every repeated ACK, or throws away what came too early. One file;
// each request begins a transfer at a port of its own, in the place of the oldest.
#pragma once

#include "netstack/base/machine.h"
#include "tests/sim/file.h"
#include "tests/sim/sim.h"

enum odd_way {
	ODD_NO_OPTIONS = 1 << 0,      // answers with DATA
	ODD_REFUSES = 1 << 1,         // answers options with an ERROR
	ODD_NO_WINDOWSIZE = 1 << 2,
	ODD_NO_TSIZE = 1 << 3,
	ODD_TSIZE_ZERO = 1 << 4,      // sends back what it was asked
	ODD_TSIZE_HUGE = 1 << 5,      // 2^64 - 1
	ODD_TSIZE_WRONG = 1 << 6,
	ODD_NO_BLKSIZE = 1 << 7,
	ODD_BLKSIZE_LARGER = 1 << 8,  // than asked for
	ODD_WINDOW_LARGER = 1 << 9,
	ODD_UNASKED = 1 << 10,        // an option that nobody asked for
	ODD_GARBAGE = 1 << 11,        // bytes behind the OACK's end
	ODD_APPRENTICE = 1 << 12,     // DATA for every repeated ACK (RFC 1123 section 4.2.3.1)
	ODD_HASTY = 1 << 13,          // ACKs count only when they come after their block
	ODD_WAYS = 14,
	ODD_EARLY = 32, // a power of two
	ODD_TRANSFERS = 8,
};

struct odd_transfer {
	struct odd_server *server;
	struct stack_socket *socket; // NULL: none
	struct endpoint client;
	uint16_t blksize, windowsize;
	uint64_t acked, sent;     // blocks
	bool early[ODD_EARLY];    // [n % ODD_EARLY]: an ACK of block n waits in the queue
	uint8_t oack[128];
	size_t oack_length;       // 0: none
	bool opened;              // the first block may go
	uint64_t next;            // ms: when what is missing is sent again
	unsigned tries;
};

struct odd_server {
	struct sim_node node; // first
	unsigned ways;
	uint16_t refusal;         // ERROR code of ODD_REFUSES
	const struct sim_file *file;
	struct stack_socket *service;
	struct odd_transfer transfers[ODD_TRANSFERS];
	unsigned latest;
};

void odd_server_init(struct odd_server *o, struct sim *s, unsigned ways, const struct sim_file *file);
