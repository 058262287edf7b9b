// SPDX-License-Identifier: BSD-2-Clause
// Files of the simulated servers, made of a pattern that tells every offset apart, and a sink that
// compares what arrives with it, byte by byte.
#pragma once

#include "netstack/sink.h"

struct sim_file {
	char name[64];
	uint64_t size;
	uint32_t seed;
	const char *head; // stands before the pattern, and counts; NULL: nothing
	uint64_t from;    // of the pattern's bytes, the first that is there
};

uint8_t sim_file_byte(const struct sim_file *f, uint64_t offset);
void sim_file_read(const struct sim_file *f, uint64_t offset, void *to, size_t length);

struct sim_sink {
	struct sink sink; // first
	const struct sim_file *file;
	uint64_t limit;       // begin refuses more; 0: no limit
	uint64_t announced;   // by the latest begin
	uint64_t compared;    // bytes
	bool any_order;       // bytes behind a hole are allowed
	uint64_t received;    // highest offset written + 1, without holes
	uint64_t written;     // bytes, counted as often as they came
	uint64_t begins, commits;
	bool wrong;           // a byte, an offset or the committed size was not the file's
};

void sim_sink_init(struct sim_sink *s, const struct sim_file *file);
// Committed once, all bytes right.
bool sim_sink_good(const struct sim_sink *s);
