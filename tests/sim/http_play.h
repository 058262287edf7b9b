// SPDX-License-Identifier: BSD-2-Clause
// An HTTP server played byte by byte against one client machine `c`, over a stream without a network
// below it. The clock `now` is the test's.
#pragma once

#include "netstack/http_client.h"
#include "tests/sim/file.h"

extern struct http_client c;
extern struct http_client_config config;
extern struct sim_file file;
extern struct sim_sink sink;
extern struct stream line;      // the connection
extern uint64_t now;
extern char request[4096];      // the latest
extern unsigned connections, aborts;
extern size_t piece;            // bytes per delivery; 0: all at once

int http_play_reset(void **state);
// Starts the machine and connects it when it wants that.
void start(void);
void connect_line(void);
// The client has written one request, which contains `words`.
void expect_request(const char *words);
void expect_no_request(void);
void give_bytes(const void *bytes, size_t length);
void give(const char *text);
// A part of the file, in order; and one that comes too early: `ahead` bytes after the next one.
void give_file(uint64_t from, size_t length);
size_t give_ahead(size_t ahead, uint64_t from, size_t length);
void give_placed(size_t length);
// The peer closes, or the connection breaks.
void give_end(enum stream_state state);
void expect_fault(enum fault_id id, const char *words);
// Done, with the right bytes in the sink.
void expect_done(void);
