// SPDX-License-Identifier: BSD-2-Clause
// TCP client: received bytes on their way to the consumer, and the list of those that lie behind a
// gap (RFC 9293 section 3.10.7.4, RFC 2018 section 4).
//
// Invariants: ranges are in order of sequence numbers, do not touch each other, begin behind rcv_nxt
// and end inside the window. Every byte is offered until it has been taken once; what has been taken
// is never offered again, so that a consumer may write it to its place without looking.
//
// After each call into the consumer the connection may be over: it may abort the stream there.
#include "netstack/base/memory.h"
#include "netstack/tcp_parts.h"

// Bytes taken in order: gaps may be filled now.
static void advance(struct tcp_client *t, uint32_t taken, uint64_t now)
{
	t->rcv_nxt += taken;
	t->heard = now;
	t->doubles = 0;
	if (t->range_count && t->ranges[0].start == t->rcv_nxt) {
		uint32_t length = t->ranges[0].end - t->ranges[0].start;

		memmove(t->ranges, t->ranges + 1, --t->range_count * sizeof *t->ranges);
		t->rcv_nxt += length;
		if (t->stream.consumer.placed)
			t->stream.consumer.placed(t->stream.consumer.owner, length, now);
	}
}

// The bytes at rcv_nxt. False if not all were taken.
static bool deliver(struct tcp_client *t, const uint8_t *bytes, size_t length, uint64_t now)
{
	const struct stream_consumer *c = &t->stream.consumer;
	size_t taken = c->bytes ? c->bytes(c->owner, bytes, length, now) : 0;

	if (t->state == TCP_CLOSED)
		return false;
	if (taken > length)
		taken = length;
	if (taken < length)
		t->count.refused++;
	if (taken)
		advance(t, (uint32_t)taken, now);
	return taken == length && t->state != TCP_CLOSED;
}

static void touch(struct tcp_client *t, struct tcp_placed *range)
{
	range->touched = ++t->touches;
}

// Notes `length` bytes placed at `start`; the range before it has number `at` - 1. There is room.
static void note(struct tcp_client *t, unsigned at, uint32_t start, uint32_t length)
{
	struct tcp_placed *r = &t->ranges[at];

	if (at > 0 && r[-1].end == start) {
		r--;
		r->end += length;
	} else {
		memmove(r + 1, r, (t->range_count++ - at) * sizeof *r);
		*r = (struct tcp_placed){.start = start, .end = start + length};
		t->urgent = true; // a new gap: the peer should know at once
	}
	touch(t, r);
	at = (unsigned)(r - t->ranges);
	if (at + 1 < t->range_count && r[1].start == r->end) {
		r->end = r[1].end;
		memmove(r + 1, r + 2, (--t->range_count - at - 1) * sizeof *r);
	}
}

// Offers bytes of which none is placed yet. Gives how many were.
static size_t offer(struct tcp_client *t, unsigned at, uint32_t start, const uint8_t *bytes,
	size_t length, uint64_t now)
{
	const struct stream_consumer *c = &t->stream.consumer;
	bool grows = at > 0 && t->ranges[at - 1].end == start;
	size_t taken;

	if (!c->ahead || (!grows && t->range_count == TCP_RANGES))
		return 0;
	taken = c->ahead(c->owner, start - t->rcv_nxt, bytes, length, now);
	if (taken > length)
		taken = length;
	if (taken && t->state != TCP_CLOSED) {
		t->heard = now;
		note(t, at, start, (uint32_t)taken);
	}
	return taken;
}

// The bytes from `sequence` on, all behind a gap: what is not placed yet is offered.
static void place(struct tcp_client *t, uint32_t sequence, const uint8_t *bytes, size_t length,
	uint64_t now)
{
	uint32_t end = sequence + (uint32_t)length, at = sequence;

	t->count.out_of_order++;
	while (at != end && t->state != TCP_CLOSED) {
		uint32_t stop = end;
		unsigned i = 0;

		while (i < t->range_count && tcp_until(t->ranges[i].end, at))
			i++;
		if (i < t->range_count && tcp_until(t->ranges[i].start, at)) { // inside one
			at = tcp_before(t->ranges[i].end, end) ? t->ranges[i].end : end;
			touch(t, &t->ranges[i]);
			continue;
		}
		if (i < t->range_count && tcp_before(t->ranges[i].start, end))
			stop = t->ranges[i].start;
		if (offer(t, i, at, bytes + (at - sequence), stop - at, now) < stop - at) {
			t->count.refused++;
			return;
		}
		at = stop;
	}
}

void tcp_receive(struct tcp_client *t, uint32_t sequence, const uint8_t *bytes, size_t length,
	uint64_t now)
{
	uint32_t end = sequence + (uint32_t)length;

	if (tcp_until(end, t->rcv_nxt))
		t->count.duplicates++;
	while (tcp_before(t->rcv_nxt, end) && t->state != TCP_CLOSED) {
		uint32_t skip = t->rcv_nxt - sequence, stop = end;

		if (tcp_before(t->rcv_nxt, sequence)) {
			place(t, sequence, bytes, length, now);
			return;
		}
		if (t->range_count && tcp_before(t->ranges[0].start, end))
			stop = t->ranges[0].start;
		if (!deliver(t, bytes + skip, stop - t->rcv_nxt, now))
			return;
	}
}

void tcp_report_ranges(const struct tcp_client *t, struct tcp *segment)
{
	unsigned most = segment->stamped ? TCP_SACK_MAX - 1 : TCP_SACK_MAX;
	uint32_t below = t->touches + 1;

	while (segment->sack_count < most) {
		const struct tcp_placed *newest = NULL;

		for (unsigned i = 0; i < t->range_count; i++) {
			const struct tcp_placed *r = &t->ranges[i];

			if (r->touched < below && (!newest || r->touched > newest->touched))
				newest = r;
		}
		if (!newest)
			return;
		below = newest->touched;
		segment->sack[segment->sack_count++] = (struct tcp_range){newest->start, newest->end};
	}
}
