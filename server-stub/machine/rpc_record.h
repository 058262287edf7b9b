// SPDX-License-Identifier: BSD-2-Clause
// RPC records out of a TCP stream (RFC 5531 section 11): finds fragment marks and says which bytes
// belong to the record; where they are put is the caller's business. A record may be at most
// `max` bytes long, in at most RPC_RECORD_FRAGMENTS fragments; a stream that breaks this is beyond
// repair and to be closed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RPC_RECORD_FRAGMENTS = 256 };

enum rpc_record_event {
	RPC_RECORD_MORE,     // all bytes are used up, the record goes on
	RPC_RECORD_DATA,     // *data, *data_length are the record's next bytes
	RPC_RECORD_COMPLETE, // the record ends here; the next call begins another
	RPC_RECORD_BAD,      // too long, or too many fragments
};

struct rpc_record {
	uint32_t max;       // bytes in a record
	uint32_t length;    // of the record so far, what is announced included
	uint32_t left;      // of this fragment
	uint32_t mark;      // the bytes of the mark so far
	uint8_t mark_bytes; // how many
	bool last;          // this is the record's last fragment
	bool inside;        // a fragment's mark is read and its end not yet seen
	uint16_t fragments;
};

void rpc_record_start(struct rpc_record *r, uint32_t max);
// Takes bytes from *bytes, *length, which move on behind what is consumed. Call until MORE or BAD.
enum rpc_record_event rpc_record_input(struct rpc_record *r, const uint8_t **bytes, size_t *length,
	const uint8_t **data, size_t *data_length);
// How many bytes of this fragment are still to come; so many may be read straight into the record,
// if they are then told to rpc_record_took.
uint32_t rpc_record_wanted(const struct rpc_record *r);
void rpc_record_took(struct rpc_record *r, uint32_t count);
// Whether a record has begun and not ended.
bool rpc_record_partial(const struct rpc_record *r);
