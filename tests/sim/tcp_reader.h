// SPDX-License-Identifier: BSD-2-Clause
// The consumer of a stream in tests: compares what it is given with a file, byte by byte, and watches
// that every byte is given once (stream.h).
#pragma once

#include "netstack/base/random.h"
#include "netstack/stream.h"
#include "tests/sim/file.h"

enum { TCP_READER_MAX = 4 << 20 }; // bytes of a file

struct tcp_reader {
	const struct sim_file *file;
	uint64_t at;              // next byte in order
	uint64_t heard;           // ms: when the latest new byte came
	uint8_t *there;           // per byte: placed ahead
	bool wrong;               // a byte, or the order of calls
	bool behind;              // takes bytes behind a gap
	size_t room;              // as `room` says; SIZE_MAX: no limit
	unsigned refuses;         // in thousandths: takes a part only
	struct random *random;    // for that
	unsigned changes;
	uint64_t aheads;          // bytes taken behind a gap
	enum stream_state state;  // at the latest change
	const struct stream *stream;
};

// Makes `stream` give its bytes to `r`, who takes all of them. Ends with tcp_reader_free.
void tcp_reader_start(struct tcp_reader *r, struct stream *stream, const struct sim_file *file);
void tcp_reader_free(struct tcp_reader *r);
