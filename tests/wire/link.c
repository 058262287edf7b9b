// SPDX-License-Identifier: BSD-2-Clause
#include "tests/wire/link.h"

#include <string.h>

enum {
	HEADER = 14,
	ETHERTYPE = 12,
	FULL_FRAME = 1514,
	OVERHEAD = 24, // preamble, FCS and the gap between frames take their time too
	LEAST_FRAME = 60,
};

void link_init(struct link *l, const struct link_chances *chances, struct link_cut *cut, uint64_t seed)
{
	uint8_t bytes[16] = {'l', 'i', 'n', 'k'};

	memset(l, 0, sizeof *l);
	memcpy(bytes + 8, &seed, sizeof seed);
	l->chances = *chances;
	l->cut = cut;
	random_seed(&l->random, bytes);
}

static bool chance(struct link *l, uint32_t millionths)
{
	return millionths && random_below(&l->random, LINK_CERTAIN) < millionths;
}

// A time up to `most` ns.
static uint64_t some_of(struct link *l, uint64_t most)
{
	uint64_t number = (uint64_t)random_u32(&l->random) << 32 | random_u32(&l->random);

	return most ? number % (most + 1) : 0;
}

static bool is_cut(struct link *l, size_t length, uint64_t now)
{
	struct link_cut *c = l->cut;

	if (!c || !c->after || c->over)
		return false;
	if (!c->out) {
		c->bytes += length;
		c->out = c->bytes > c->after;
		c->until = now + c->lasts;
		return c->out;
	}
	c->over = c->lasts && now >= c->until;
	return !c->over;
}

// How long a frame is on a cable of that rate.
static uint64_t airtime(const struct link *l, size_t length)
{
	uint64_t bits = 8 * ((length > LEAST_FRAME ? length : LEAST_FRAME) + OVERHEAD);

	return l->chances.kbit ? bits * 1000000 / l->chances.kbit : 0;
}

// When the frame has left; false if the queue is full.
static bool leave(struct link *l, size_t length, uint64_t now, uint64_t *left)
{
	if (l->free_at < now)
		l->free_at = now;
	if (l->free_at - now > LINK_QUEUE * airtime(l, FULL_FRAME))
		return false;
	l->free_at += airtime(l, length);
	*left = l->free_at;
	return true;
}

static bool may_be_damaged(const uint8_t *frame, size_t length)
{
	return length > HEADER && !(frame[ETHERTYPE] == 8 && frame[ETHERTYPE + 1] == 6);
}

static struct link_copy copy(struct link *l, const uint8_t *frame, size_t length, uint64_t left)
{
	struct link_copy c = {.due = left + l->chances.delay + some_of(l, l->chances.jitter)};

	if (chance(l, l->chances.reorder)) {
		l->count.reordered++;
		c.due += 1 + some_of(l, l->chances.reorder_by);
	} else {
		c.due = c.due > l->last_due ? c.due : l->last_due;
		l->last_due = c.due;
	}
	if (chance(l, l->chances.corrupt) && may_be_damaged(frame, length)) {
		l->count.corrupted++;
		c.corrupt = true;
		c.bit = 8 * HEADER + random_below(&l->random, (uint32_t)(8 * (length - HEADER)));
	}
	return c;
}

size_t link_take(struct link *l, const uint8_t *frame, size_t length, uint64_t now,
	struct link_copy copies[LINK_COPIES])
{
	uint64_t left;

	l->count.frames++;
	l->count.bytes += length;
	if (is_cut(l, length, now)) {
		l->count.cut++;
		return 0;
	}
	if (chance(l, l->chances.loss)) {
		l->count.lost++;
		return 0;
	}
	if (!leave(l, length, now, &left)) {
		l->count.dropped++;
		return 0;
	}
	copies[0] = copy(l, frame, length, left);
	if (!chance(l, l->chances.duplicate))
		return 1;
	l->count.doubled++;
	copies[1] = copy(l, frame, length, left);
	return 2;
}
