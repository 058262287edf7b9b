// SPDX-License-Identifier: BSD-2-Clause
// A TFTP server played packet by packet against one client machine `t`: give_...() is what the server
// sends, expect_...() is what the client must answer. The clock `now` is the test's.
#pragma once

#include "netstack/tftp_client.h"
#include "tests/sim/file.h"

enum { TID = 40000, OTHER_TID = 40001, BLOCK = 1428, PACKET = 65536 };
enum { ALL = 1 | 4 | 8 }; // blksize, tsize, windowsize: the options asked for

extern struct random entropy;
extern struct tftp_client t;
extern struct tftp_client_config config;
extern struct sim_file file;
extern struct sim_sink sink;
extern uint64_t now;
extern const struct endpoint server;
extern struct tftp_packet p; // the latest packet of the client, and where it went
extern struct endpoint sent_to;

// A new client to come, a new file and sink. A cmocka set-up function.
int tftp_play_reset(void **state);
// Starts the client for a file of `size` bytes and takes its request.
void start(uint64_t size);
// Up to the ACK of an OACK with blksize 1428 and windowsize 4.
void start_windows(uint64_t size);

// The client's next packet, if it has one to send.
bool output(void);
void expect_silence(void);
void expect_ack(uint16_t block);
void expect_error(uint16_t code, uint16_t port);
void expect_request(unsigned options);
// Failed with this fault, whose facts contain `words`, and no wrong byte was written.
void expect_fault(enum fault_id id, const char *words);
// Done, with the right bytes.
void expect_done(void);
// Silent until the timer, which stands that many ms from now; then it is that time.
void wait_for_timer(uint64_t least, uint64_t most);

// Any bytes, in a copy of exactly their length.
void give(const void *packet, size_t length, uint16_t port);
void give_data_from(uint16_t port, uint64_t block, size_t length);
// Block `block` of the file, as it has been agreed to be cut.
void give_block(uint64_t block);
void give_oack(const char *options, size_t length);
#define OACK(text) give_oack(text, sizeof text)
void give_error(uint16_t port, uint16_t code, const char *text, size_t length);
#define ERROR(code, text) give_error(TID, code, text, sizeof text)
// A DATA packet with this number and any bytes.
void give_number(uint16_t number, size_t length);
// Blocks from 1 on, each acknowledged.
void fetch_in_lock_step(uint64_t blocks);
