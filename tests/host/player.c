// SPDX-License-Identifier: BSD-2-Clause
// The file: MAGIC, then records: kind, number, value, a zero byte, length (32 bits), frames sent (32 bits),
// ms (64 bits), bytes; numbers are little-endian. A record that is cut off ends the tape.
#include "tests/host/tape.h"
#include "netstack/base/bytes.h"
#include "netstack/base/machine.h"
#include "tests/host/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 20, LENGTH_MAX = 1 << 16 };

static const char MAGIC[] = "lanyard tape 1\n";

// ---- recording

static FILE *out;
static uint32_t sent;

void tape_sent(void)
{
	sent++;
}

void tape_record(const char *path)
{
	out = fopen(path, "wb");
	if (!out || fputs(MAGIC, out) < 0)
		host_die(path);
}

bool tape_recording(void)
{
	return out;
}

void tape_put(enum tape_kind kind, uint8_t number, uint8_t value, const void *bytes, size_t length)
{
	uint8_t header[HEADER];
	struct writer w = writer_of(header, sizeof header);

	if (!out)
		return;
	write_u8(&w, (uint8_t)kind);
	write_u8(&w, number);
	write_u8(&w, value);
	write_u8(&w, 0);
	write_u32_le(&w, (uint32_t)length);
	write_u32_le(&w, sent);
	write_u64_le(&w, platform_now());
	if (fwrite(header, 1, HEADER, out) != HEADER || fwrite(bytes, 1, length, out) != length ||
		fflush(out) != 0)
		host_die("tape");
}

// ---- repeating

static struct tape_record *records;
static size_t count, next; // next: of those that come in time
static uint64_t now;
static enum netdev_link links[HOST_NICS];

static void no_tape(const char *path)
{
	fprintf(stderr, "lanyard-host: %s is no tape\n", path);
	exit(EXIT_MISUSE);
}

static bool read_record(struct reader *r, struct tape_record *to)
{
	struct reader bytes;

	to->kind = read_u8(r);
	to->number = read_u8(r);
	to->value = read_u8(r);
	read_skip(r, 1);
	to->length = read_u32_le(r);
	to->sent = read_u32_le(r);
	to->now = read_u64_le(r);
	bytes = read_sub(r, to->length);
	to->bytes = bytes.at;
	return !r->failed && to->length <= LENGTH_MAX;
}

static struct reader whole_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0, got = 0, room = 1 << 20;
	uint8_t *bytes = malloc(room);

	if (!file || !bytes)
		host_die(path);
	while ((got = fread(bytes + size, 1, room - size, file)) > 0) {
		size += got;
		if (size == room && !(bytes = realloc(bytes, room *= 2)))
			host_die(path);
	}
	fclose(file);
	return reader_of(bytes, size);
}

void tape_replay(const char *path)
{
	struct reader r = whole_file(path);
	struct reader magic = read_sub(&r, sizeof MAGIC - 1);
	struct tape_record record;

	if (magic.failed || memcmp(magic.at, MAGIC, sizeof MAGIC - 1) != 0)
		no_tape(path);
	while (reader_left(&r) && read_record(&r, &record)) {
		records = realloc(records, (count + 1) * sizeof *records);
		if (!records)
			host_die(path);
		records[count++] = record;
	}
	if (!count)
		no_tape(path);
	now = records[0].now;
}

bool tape_replaying(void)
{
	return records;
}

const struct tape_record *tape_find(enum tape_kind kind, uint8_t number, size_t *at)
{
	while (*at < count) {
		const struct tape_record *record = &records[(*at)++];

		if (record->kind == kind && record->number == number)
			return record;
	}
	return NULL;
}

uint64_t tape_now(void)
{
	return now;
}

// Passes what is not received: the beginning, and changes of links that are due.
static void pass(void)
{
	for (; next < count && records[next].kind != TAPE_FRAME; next++) {
		const struct tape_record *record = &records[next];

		if (record->kind == TAPE_LINK && record->now > now)
			return;
		if (record->kind == TAPE_LINK && record->number < HOST_NICS)
			links[record->number] = (enum netdev_link)record->value;
	}
}

// Whether a frame waits. One that has been left alone at the last rest is not wanted: its card is closed.
static bool frame_waits(void)
{
	static size_t left = SIZE_MAX;

	for (pass(); next < count && records[next].now <= now && records[next].sent <= sent; pass()) {
		if (left != next) {
			left = next;
			return true;
		}
		next++;
	}
	return false;
}

void tape_rest(uint64_t until)
{
	if (frame_waits())
		return;
	if (next < count && records[next].now < until &&
		(records[next].sent <= sent || until == DEADLINE_NEVER))
		until = records[next].now;
	if (until == DEADLINE_NEVER) {
		fprintf(stderr, "lanyard-host: the tape has ended, and nothing else is awaited\n");
		exit(EXIT_NO_PLAN);
	}
	if (until > now)
		now = until;
}

const struct tape_record *tape_frame(uint8_t card)
{
	pass();
	if (next == count || records[next].kind != TAPE_FRAME || records[next].number != card ||
		records[next].now > now || records[next].sent > sent)
		return NULL;
	return &records[next++];
}

enum netdev_link tape_link(uint8_t card)
{
	pass();
	return links[card];
}
