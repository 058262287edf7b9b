// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/fault_netdev.h"

#include <string.h>

static bool chance(struct fault_netdev *f, unsigned thousandths)
{
	return thousandths && random_below(&f->random, 1000) < thousandths;
}

static void hold(struct fault_netdev *f, const struct netdev_frame *frame)
{
	struct fault_held *h = &f->held[f->held_count];
	uint64_t due = *f->now + f->chances.delay + random_below(&f->random, f->chances.jitter + 1);

	if (f->held_count == FAULT_HELD)
		return;
	f->held_count++;
	h->length = frame->length;
	memcpy(h->bytes, frame->bytes, frame->length);
	if (chance(f, f->chances.reorder)) {
		f->count.reordered++;
		due += 1 + random_below(&f->random, f->chances.reorder_by + 1);
	} else {
		due = due > f->last_due ? due : f->last_due;
		f->last_due = due;
	}
	h->due = due;
	h->order = f->order++;
	if (frame->length && chance(f, f->chances.corrupt)) {
		f->count.corrupted++;
		h->bytes[random_below(&f->random, (uint32_t)frame->length)] ^=
			(uint8_t)(1u << random_below(&f->random, 8));
	}
}

static void take(struct fault_netdev *f, const struct netdev_frame *frame)
{
	if (f->cut || chance(f, f->chances.loss)) {
		f->count.lost++;
		return;
	}
	f->count.passed++;
	hold(f, frame);
	if (chance(f, f->chances.duplicate)) {
		f->count.doubled++;
		hold(f, frame);
	}
}

// The frame that is due first, NULL if none is due yet.
static struct fault_held *first_due(struct fault_netdev *f)
{
	struct fault_held *best = NULL;

	for (size_t i = 0; i < f->held_count; i++) {
		struct fault_held *h = &f->held[i];

		if (h->due <= *f->now &&
			(!best || h->due < best->due || (h->due == best->due && h->order < best->order)))
			best = h;
	}
	return best;
}

static size_t fault_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct fault_netdev *f = (struct fault_netdev *)dev;
	struct netdev_frame in[NETDEV_BURST];
	size_t count = f->below->ops->receive(f->below, in, NETDEV_BURST), n = 0;
	struct fault_held *h;

	for (size_t i = 0; i < count; i++)
		take(f, &in[i]);
	while (n < max && n < NETDEV_BURST && (h = first_due(f))) {
		f->given[n] = *h;
		*h = f->held[--f->held_count];
		burst[n] = (struct netdev_frame){.bytes = f->given[n].bytes, .length = f->given[n].length};
		n++;
	}
	return n;
}

static bool fault_open(struct netdev *dev, struct fault *fault)
{
	struct netdev *below = ((struct fault_netdev *)dev)->below;

	return below->ops->open(below, fault);
}

static void fault_close(struct netdev *dev)
{
	struct netdev *below = ((struct fault_netdev *)dev)->below;

	below->ops->close(below);
}

static enum netdev_link fault_link(struct netdev *dev)
{
	struct netdev *below = ((struct fault_netdev *)dev)->below;

	return below->ops->link(below);
}

static size_t fault_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct netdev *below = ((struct fault_netdev *)dev)->below;

	return below->ops->transmit(below, frames, count);
}

static bool fault_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	struct netdev *below = ((struct fault_netdev *)dev)->below;

	return below->ops->set_filter(below, groups, count);
}

static const struct netdev_ops fault_ops = {
	.open = fault_open,
	.close = fault_close,
	.link = fault_link,
	.receive = fault_receive,
	.transmit = fault_transmit,
	.set_filter = fault_set_filter,
};

void fault_netdev_init(struct fault_netdev *f, struct netdev *below, const uint64_t *now,
	uint32_t seed)
{
	uint8_t bytes[16] = {'f', 'a', 'u', 'l', 't'};

	memcpy(bytes + 8, &seed, sizeof seed);
	f->dev = *below;
	f->dev.ops = &fault_ops;
	f->below = below;
	f->now = now;
	f->chances = (struct fault_chances){0};
	f->cut = false;
	f->last_due = f->order = 0;
	f->held_count = 0;
	memset(&f->count, 0, sizeof f->count);
	random_seed(&f->random, bytes);
}

uint64_t fault_netdev_deadline(const struct fault_netdev *f)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < f->held_count; i++)
		if (f->held[i].due < first)
			first = f->held[i].due;
	return first;
}
