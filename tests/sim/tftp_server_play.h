// SPDX-License-Identifier: BSD-2-Clause
// A TFTP client played packet by packet against one server machine `s`: give_...() is what the client
// sends, expect_...() is what the server must answer. The clock `now` is the test's.
#pragma once

#include "netstack/wire/tftp.h"
#include "server-stub/machine/tftp_server.h"
#include "tests/sim/file.h"

extern uint64_t now;
extern struct sim_file file;
extern bool file_gone; // reading fails
extern struct tftp_server s;
extern struct tftp_server_config config;
extern const struct endpoint client;
extern struct tftp_packet p; // the latest packet of the server, and its length
extern size_t sent_length;

// A new file and configuration. A cmocka set-up function.
int tftp_server_play_reset(void **state);
// A request; `o` may be NULL.
void start(uint16_t opcode, const char *name, const char *mode, const struct tftp_options *o);
// A request with blksize 1000, this windowsize and tsize, up to the OACK.
void start_windows(uint32_t windowsize);

// The server's next packet, if it has one to send.
bool output(void);
void expect_silence(void);
void expect_block(uint64_t block);
// And then silence.
void expect_blocks(uint64_t from, uint64_t last);
// And then the end.
void expect_error(uint16_t code);

void give_ack_from(uint16_t port, uint16_t block);
void give_ack(uint64_t block);
