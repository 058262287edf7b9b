// SPDX-License-Identifier: BSD-2-Clause
// A TCP server played segment by segment against one client machine `t`: GIVE(...) is what the server
// sends, expect_...() is what the client must send. Offsets count bytes of the stream, from 0. The
// server's sequence numbers wrap around early. The clock `now` is the test's.
#pragma once

#include "netstack/tcp_client.h"
#include "tests/sim/tcp_reader.h"

enum { PEER_ISS = 0xfffff000u, PEER_STAMP = 5000, PEER_WINDOW = 64000, SEGMENT = 1000 };

extern struct random entropy;
extern struct tcp_client t;
extern struct tcp_client_config config;
extern struct sim_file file;
extern struct tcp_reader reader;
extern uint64_t now;
// The client's latest segment.
extern struct tcp s;
extern struct reader payload;

// What the server's SYN-ACK has; changed before connect().
extern struct tcp answer;

// A new configuration, not started. A cmocka set-up function, and its tear-down.
int tcp_play_reset(void **state);
int tcp_play_free(void **state);
// Starts the client and takes its SYN.
void start(void);
// Up to ESTABLISHED, bytes awaited.
void connect(void);

// The client's next segment, if it has one to send.
bool output(void);
void expect_silence(void);
// An ACK without data, of the server's bytes up to `offset`.
void expect_ack(uint64_t offset);
// So many bytes of ours from `offset` on.
void expect_data(uint32_t offset, size_t length);
// A RST, with the sequence number of our stream's offset `offset`.
void expect_reset(uint32_t offset);
// The stream has failed with this fault, whose facts contain `words`.
void expect_fault(enum fault_id id, const char *words);
// Exactly so many bytes have been read, all right, and the stream is in this state.
void expect_read(uint64_t bytes, enum stream_state state);
// SACK blocks of the latest segment, pairs of offsets.
void expect_sack(unsigned count, const uint32_t *pairs);
// Silent until the deadline, which is that many ms from now; then it is that time.
void wait_for_deadline(uint64_t least, uint64_t most);

struct change {
	uint8_t flags;          // besides ACK
	bool no_ack;
	uint64_t at;            // offset of its first byte
	size_t length;          // of the file's bytes
	int32_t sequence_off;
	int32_t ack;            // bytes of ours acknowledged
	bool old_stamp, no_stamp;
	bool closed;            // the window is 0
	uint16_t window;        // 0: PEER_WINDOW
};
void give(struct change c);
#define GIVE(...) give((struct change){__VA_ARGS__})
