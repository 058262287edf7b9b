// SPDX-License-Identifier: BSD-2-Clause
// tape_begin, tape_bulk, tape_mark and witness_now are wrapped by the linker (--wrap): the file that is made
// is the tape's memory, so that it is there however the run ends, and everything goes onto it.
#include "tests/host/player.h"
#include "bootloader/tape_read.h"
#include "bootloader/witness.h"
#include "netstack/base/machine.h"
#include "tests/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROOM = 64 << 20, LATE = 1000 /* ms that a deadline may have been met late */ };

// ---- recording

static int file = -1, word_count;
static char **words;
static struct tape *recorded;

void player_record(const char *path, int argc, char **argv)
{
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file < 0 || ftruncate(file, ROOM) < 0)
		host_die(path);
	words = argv;
	word_count = argc;
}

// Whole frames take the place of those that a machine would have no room for.
void __wrap_tape_bulk(struct tape *t, bool on);
void __real_tape_bulk(struct tape *t, bool on);
void __wrap_tape_bulk(struct tape *t, bool on)
{
	__real_tape_bulk(t, on && file < 0);
}

static void cut_file(void)
{
	if (ftruncate(file, (off_t)recorded->length) < 0)
		perror("lanyard-host: --record");
}

void __real_tape_begin(struct tape *t, void *memory, size_t size, uint64_t now);
void __wrap_tape_begin(struct tape *t, void *memory, size_t size, uint64_t now);
void __wrap_tape_begin(struct tape *t, void *memory, size_t size, uint64_t now)
{
	if (file >= 0) {
		size = ROOM;
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	}
	if (memory == MAP_FAILED)
		host_die("--record");
	__real_tape_begin(t, memory, size, now);
	if (file < 0)
		return;
	recorded = t;
	for (int i = 1; i < word_count; i++)
		if (strcmp(words[i], "--record") == 0)
			i++;
		else
			tape_put(t, TAPE_WORD, 0, words[i], strlen(words[i]));
	atexit(cut_file);
}

// ---- the tape

static struct player_event *events;
static size_t count, next; // next: of those that come in time
static uint64_t now, begun;
static uint32_t sent;
static unsigned last_fault;
static enum netdev_link links[HOST_NICS];

static void whole_file(const char *path, uint8_t **bytes, size_t *size)
{
	FILE *from = fopen(path, "rb");
	size_t got = 0, room = 1 << 20;

	*size = 0;
	*bytes = malloc(room);
	if (!from || !*bytes)
		host_die(path);
	while ((got = fread(*bytes + *size, 1, room - *size, from)) > 0) {
		*size += got;
		if (*size == room && !(*bytes = realloc(*bytes, room *= 2)))
			host_die(path);
	}
	fclose(from);
}

static void add(const struct tape_event *e, size_t end)
{
	uint8_t *bytes = malloc(e->length + 1);

	if (count % 1024 == 0)
		events = realloc(events, (count + 1024) * sizeof *events);
	if (!events || !bytes)
		host_die("--replay");
	memcpy(bytes, e->bytes, e->length);
	events[count++] = (struct player_event){e->kind, e->number, e->now, e->sent, e->length, bytes, end};
}

// Times are counted as they were.
static void set_clock(void)
{
	size_t at = 0;
	const struct player_event *seed = player_find(TAPE_SEED, 0, &at);
	struct reader r = reader_of(seed ? seed->bytes : NULL, seed ? seed->length : 0);

	read_skip(&r, 16);
	now = begun = read_u64_le(&r);
	for (size_t i = 0; i < count; i++)
		events[i].now += begun;
}

void player_start(const char *path)
{
	struct tape_reader *reader = malloc(sizeof *reader);
	struct tape_event e;
	uint8_t *bytes;
	size_t size;

	whole_file(path, &bytes, &size);
	if (!reader)
		host_die(path);
	if (tape_open(reader, bytes, size))
		while (tape_next(reader, &e))
			add(&e, (size_t)(reader->r.at - bytes));
	if (!count) {
		fprintf(stderr, "lanyard-host: %s is no tape\n", path);
		exit(EXIT_MISUSE);
	}
	free(reader);
	free(bytes);
	set_clock();
}

bool player_playing(void)
{
	return events;
}

bool player_of_machine(void)
{
	return events && events[0].kind != TAPE_WORD;
}

const struct player_event *player_find(enum tape_kind kind, uint8_t number, size_t *at)
{
	while (*at < count) {
		const struct player_event *e = &events[(*at)++];

		if (e->kind == kind && e->number == number)
			return e;
	}
	return NULL;
}

bool player_identity(struct tape_identity *i)
{
	size_t at = 0;
	const struct player_event *e = player_find(TAPE_IDENTITY, 0, &at);

	return e && tape_read_identity(i, &(struct tape_event){.bytes = e->bytes, .length = e->length});
}

// ---- playing

uint64_t player_now(void)
{
	return now;
}

void player_sent(void)
{
	sent++;
}

void player_fault(unsigned id)
{
	last_fault = id;
}

static bool read_mark(const struct player_event *e, struct tape_mark *m)
{
	return tape_read_mark(m, &(struct tape_event){.bytes = e->bytes, .length = e->length});
}

// A machine has sent its tape when it had met this.
static void end(const struct player_event *e, const struct tape_mark *mark)
{
	const struct tape_mark m = *mark;
	char id[16];

	snprintf(id, sizeof id, "LAN-%03u", m.fault);
	json_begin("tape_ends");
	json_text("fault", id);
	json_bool("repeated", m.fault == last_fault && !m.lost);
	json_number("lost", m.lost);
	json_end();
	fflush(stdout);
	if (m.lost)
		fprintf(stderr, "lanyard-host: the tape was full after %u ms, %s came after %u ms: what was in "
			"between is not on it\n", (unsigned)(e->now - begun), id, m.ms);
	else if (m.fault != last_fault)
		fprintf(stderr, "lanyard-host: the machine met %s here; this program does not\n", id);
	exit(EXIT_NO_PLAN);
}

// Keys and a busy card of lanyard-host's own runs come of its words again.
static bool comes_by_itself(const struct player_event *e)
{
	if (e->kind == TAPE_KEY || e->kind == TAPE_SHIFT || e->kind == TAPE_BUSY)
		return player_of_machine();
	return e->kind == TAPE_FRAME || e->kind == TAPE_UNSUMMED;
}

static bool is_end(const struct player_event *e)
{
	return e->kind == TAPE_FAULT && e + 1 == events + count;
}

// Passes what the program does not take: the beginning, and what is due of changes and turns.
static void pass(void)
{
	for (; next < count && !comes_by_itself(&events[next]); next++) {
		const struct player_event *e = &events[next];

		if (e->now > now || is_end(e))
			return;
		if (e->kind == TAPE_LINK && e->number < HOST_NICS && e->length == 1)
			links[e->number] = (enum netdev_link)e->bytes[0];
	}
}

static bool is_due(void)
{
	pass();
	return next < count && comes_by_itself(&events[next]) && events[next].now <= now &&
	       events[next].sent <= sent;
}

// Whether something waits. What has been left alone at the last rest is not wanted: its card is closed, or
// nobody looks at the keys.
static bool waits(void)
{
	static size_t left = SIZE_MAX;

	for (; is_due(); next++)
		if (left != next) {
			left = next;
			return true;
		}
	return false;
}

void player_rest(uint64_t until)
{
	const struct player_event *e;
	struct tape_mark mark;

	if (waits())
		return;
	e = next < count ? &events[next] : NULL;
	if (e && is_end(e) && read_mark(e, &mark) &&
		(mark.lost || until == DEADLINE_NEVER || (e->now <= now && e->sent <= sent)))
		end(e, &mark);
	if (e && (e->sent <= sent || until == DEADLINE_NEVER) &&
		(until == DEADLINE_NEVER || e->now <= until + LATE))
		until = e->now;
	if (until == DEADLINE_NEVER) {
		fprintf(stderr, "lanyard-host: the tape has ended, and nothing else is awaited\n");
		exit(EXIT_NO_PLAN);
	}
	if (until > now)
		now = until;
}

const struct player_event *player_frame(uint8_t card)
{
	if (!is_due() || (events[next].kind != TAPE_FRAME && events[next].kind != TAPE_UNSUMMED) ||
		events[next].number != card)
		return NULL;
	return &events[next++];
}

enum netdev_link player_link(uint8_t card)
{
	pass();
	return links[card];
}

// What was sent was as long as it was, however long the tape is that is made in the repetition.
size_t __real_tape_mark(struct tape *t, enum fault_id fault);
size_t __wrap_tape_mark(struct tape *t, enum fault_id fault);
size_t __wrap_tape_mark(struct tape *t, enum fault_id fault)
{
	static size_t at;
	size_t length = __real_tape_mark(t, fault);
	const struct player_event *e = player_find(TAPE_FAULT, 0, &at);

	return e && e->end <= t->size ? e->end : length;
}

// Work took time: the turn in which something happened came somewhat later than what went before it, and in
// turns in between nothing happened.
uint64_t __real_witness_now(struct witness *w);
uint64_t __wrap_witness_now(struct witness *w);
uint64_t __wrap_witness_now(struct witness *w)
{
	const struct player_event *e;

	pass();
	e = next < count ? &events[next] : NULL;
	if (e && e->kind != TAPE_FAULT && e->sent <= sent && e->now > now && e->now <= now + LATE)
		now = e->now;
	return __real_witness_now(w);
}

bool player_busy(uint8_t card)
{
	if (!is_due() || events[next].kind != TAPE_BUSY || events[next].number != card)
		return false;
	next++;
	return true;
}

int player_key(void)
{
	const struct player_event *e;

	if (!is_due() || events[next].kind != TAPE_KEY || events[next].length != 2)
		return KEY_NONE;
	e = &events[next++];
	return e->bytes[0] | e->bytes[1] << 8;
}

bool player_shift(void)
{
	if (!is_due() || events[next].kind != TAPE_SHIFT)
		return false;
	next++;
	return true;
}
