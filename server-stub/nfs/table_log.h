// SPDX-License-Identifier: BSD-2-Clause
// The handle table's log on disk (records: table.h). Without a state directory it keeps nothing.
#pragma once

#include "server-stub/nfs/table.h"

struct table_record {
	char kind;    // 'E' 'N' 'U' 'D'
	uint8_t type; // 'E'
	uint8_t child[TABLE_NAME];
	uint8_t directory[TABLE_NAME]; // 'N' 'U'
	char name[256];
};

struct table_log {
	int directory, fd; // -1: nothing is kept
	char file[32];
	size_t records; // in the file
};

// Reads what is there, calling `replay` for each whole record. False with a sentence.
bool table_log_open(struct table_log *log, const char *state, uint32_t id,
	void (*replay)(void *context, const struct table_record *r), void *context, char *error,
	size_t size);
void table_log_close(struct table_log *log);
// Appends. When the disk is full, handles work until the server ends.
void table_log_write(struct table_log *log, const struct table_record *r);
// A fresh log in the place of the old one: begin, write all, end. False: there is nothing to write
// to.
bool table_log_begin(struct table_log *log);
void table_log_end(struct table_log *log);
