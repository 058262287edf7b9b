// SPDX-License-Identifier: BSD-2-Clause
// LZMA (Pavlov, "LZMA Specification"): literals and matches, each decision one bit of an adaptive
// binary range coder. A probability is 11 bits; contexts are the kind of the last few items (state),
// the byte before, and parts of lengths and distances. With lp = pb = 0 positions play no part.
#include "bios/unlzma.h"

enum {
	BITS = 11,
	MOVE = 5,
	STATES = 12,
	LENGTH_MIN = 2,
	FIRST_DISTANCE_STATE = 4, // lengths from 5 on share one context
	ALIGN_BITS = 4,
};

struct lengths {
	uint16_t choice[2];
	uint16_t low[8], mid[8], high[256];
};

struct work {
	uint16_t is_match[STATES], is_rep[STATES], is_rep0[STATES], is_rep1[STATES], is_rep2[STATES];
	uint16_t is_rep0_long[STATES];
	uint16_t slot[FIRST_DISTANCE_STATE][64];
	uint16_t special[128];
	uint16_t align[1 << ALIGN_BITS];
	struct lengths match, rep;
	uint16_t literal[1 << (LZMA_LC + LZMA_LP)][0x300];
};

_Static_assert(sizeof(struct work) <= LZMA_WORK, "LZMA_WORK is too small");

struct coder {
	const uint8_t *from;
	uint32_t range, code;
};

static unsigned bit(struct coder *c, uint16_t *probability)
{
	uint32_t bound;

	if (c->range < 1u << 24) {
		c->range <<= 8;
		c->code = c->code << 8 | *c->from++;
	}
	bound = (c->range >> BITS) * *probability;
	if (c->code < bound) {
		c->range = bound;
		*probability += ((1 << BITS) - *probability) >> MOVE;
		return 0;
	}
	c->range -= bound;
	c->code -= bound;
	*probability -= *probability >> MOVE;
	return 1;
}

// A number of `bits` bits, highest first, with one context per prefix.
static unsigned tree(struct coder *c, uint16_t *probabilities, unsigned bits)
{
	unsigned node = 1;

	for (unsigned i = 0; i < bits; i++)
		node = node << 1 | bit(c, &probabilities[node]);
	return node - (1u << bits);
}

static unsigned reverse_tree(struct coder *c, uint16_t *probabilities, unsigned bits)
{
	unsigned node = 1, number = 0;

	for (unsigned i = 0; i < bits; i++) {
		unsigned b = bit(c, &probabilities[node]);

		node = node << 1 | b;
		number |= b << i;
	}
	return number;
}

static uint32_t plain_bits(struct coder *c, unsigned bits)
{
	uint32_t number = 0;

	while (bits--) {
		if (c->range < 1u << 24) {
			c->range <<= 8;
			c->code = c->code << 8 | *c->from++;
		}
		c->range >>= 1;
		number <<= 1;
		if (c->code >= c->range) {
			c->code -= c->range;
			number |= 1;
		}
	}
	return number;
}

static unsigned length(struct coder *c, struct lengths *l)
{
	if (!bit(c, &l->choice[0]))
		return LENGTH_MIN + tree(c, l->low, 3);
	if (!bit(c, &l->choice[1]))
		return LENGTH_MIN + 8 + tree(c, l->mid, 3);
	return LENGTH_MIN + 16 + tree(c, l->high, 8);
}

static uint32_t distance(struct coder *c, struct work *w, unsigned length)
{
	unsigned context = length - LENGTH_MIN, slot, bits;
	uint32_t base;

	if (context >= FIRST_DISTANCE_STATE)
		context = FIRST_DISTANCE_STATE - 1;
	slot = tree(c, w->slot[context], 6);
	if (slot < 4)
		return slot;
	bits = (slot >> 1) - 1;
	base = (2 | (slot & 1)) << bits;
	if (slot < 14)
		return base + reverse_tree(c, w->special + base - slot, bits);
	base += plain_bits(c, bits - ALIGN_BITS) << ALIGN_BITS;
	return base + reverse_tree(c, w->align, ALIGN_BITS);
}

// A literal; after a match, the byte that the last match would have gone on with (`expected`) is the
// context for as long as its bits agree.
static uint8_t literal(struct coder *c, uint16_t *probabilities, unsigned state, uint8_t expected)
{
	unsigned symbol = 1, agree = state >= 7 ? 0x100 : 0;

	while (symbol < 0x100) {
		unsigned hint = expected & 0x80, b;

		expected <<= 1;
		b = bit(c, &probabilities[agree ? 0x100 + (hint << 1) + symbol : symbol]);
		if (b != hint >> 7)
			agree = 0;
		symbol = symbol << 1 | b;
	}
	return (uint8_t)symbol;
}

struct distances {
	uint32_t last[4]; // one less than the distance, the most recent first
};

// One of the distances before the last is used again; it moves to the front.
static void choose_distance(struct coder *c, struct work *w, unsigned state, struct distances *d)
{
	unsigned which = 1;
	uint32_t chosen;

	if (bit(c, &w->is_rep1[state]))
		which = 2 + bit(c, &w->is_rep2[state]);
	chosen = d->last[which];
	for (; which; which--)
		d->last[which] = d->last[which - 1];
	d->last[0] = chosen;
}

// The length of the next match, its distance in d->last[0].
static unsigned match(struct coder *c, struct work *w, unsigned *state, struct distances *d)
{
	unsigned after_literal = *state < 7, n;

	if (!bit(c, &w->is_rep[*state])) {
		n = length(c, &w->match);
		for (unsigned i = 3; i; i--)
			d->last[i] = d->last[i - 1];
		d->last[0] = distance(c, w, n);
		*state = after_literal ? 7 : 10;
		return n;
	}
	if (!bit(c, &w->is_rep0[*state])) {
		if (!bit(c, &w->is_rep0_long[*state])) {
			*state = after_literal ? 9 : 11;
			return 1;
		}
	} else {
		choose_distance(c, w, *state, d);
	}
	n = length(c, &w->rep);
	*state = after_literal ? 8 : 11;
	return n;
}

void unlzma(uint8_t *to, uint32_t size, const uint8_t *from, void *work)
{
	struct work *w = work;
	struct coder c = {from + 1, UINT32_MAX, 0};
	struct distances d = {{0, 0, 0, 0}};
	unsigned state = 0;

	for (unsigned i = 0; i < sizeof *w / 2; i++)
		((uint16_t *)work)[i] = 1 << (BITS - 1);
	for (unsigned i = 0; i < 4; i++)
		c.code = c.code << 8 | *c.from++;
	for (uint32_t at = 0; at < size;) {
		if (!bit(&c, &w->is_match[state])) {
			unsigned before = at ? to[at - 1] >> (8 - LZMA_LC) : 0;
			uint8_t expected = d.last[0] < at ? to[at - 1 - d.last[0]] : 0;

			to[at++] = literal(&c, w->literal[before], state, expected);
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
		} else {
			unsigned n = match(&c, w, &state, &d);

			for (; n && at < size; n--, at++)
				to[at] = d.last[0] < at ? to[at - 1 - d.last[0]] : 0;
		}
	}
}
