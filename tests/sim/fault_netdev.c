// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/fault_netdev.h"

#include <string.h>

enum { NS = 1000000, THOUSANDTH = LINK_CERTAIN / 1000 };

static struct link_chances link_chances_of(const struct fault_chances *c)
{
	return (struct link_chances){
		.loss = c->loss * THOUSANDTH,
		.duplicate = c->duplicate * THOUSANDTH,
		.reorder = c->reorder * THOUSANDTH,
		.corrupt = c->corrupt * THOUSANDTH,
		.delay = (uint64_t)c->delay * NS,
		.jitter = (uint64_t)c->jitter * NS,
		.reorder_by = (uint64_t)c->reorder_by * NS,
		.kbit = c->kbit,
	};
}

static void hold(struct fault_netdev *f, const struct netdev_frame *frame, const struct link_copy *copy)
{
	struct fault_held *h = &f->held[f->held_count];

	if (f->held_count == FAULT_HELD)
		return;
	f->held_count++;
	h->due = copy->due;
	h->order = f->order++;
	h->length = frame->length;
	memcpy(h->bytes, frame->bytes, frame->length);
	if (copy->corrupt)
		h->bytes[copy->bit / 8] ^= (uint8_t)(1u << copy->bit % 8);
}

static void take(struct fault_netdev *f, const struct netdev_frame *frame)
{
	struct link_copy copies[LINK_COPIES];
	size_t count;

	f->link.chances = link_chances_of(&f->chances);
	f->link_cut.after = f->chances.cut_after;
	f->link_cut.lasts = (uint64_t)f->chances.cut_for * NS;
	if (f->cut)
		return;
	count = link_take(&f->link, frame->bytes, frame->length, *f->now * NS, copies);
	for (size_t i = 0; i < count; i++)
		hold(f, frame, &copies[i]);
}

// The frame that is due first, NULL if none is due yet.
static struct fault_held *first_due(struct fault_netdev *f)
{
	struct fault_held *best = NULL;

	for (size_t i = 0; i < f->held_count; i++) {
		struct fault_held *h = &f->held[i];

		if (h->due <= *f->now * NS &&
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
	struct fault_netdev *f = (struct fault_netdev *)dev;

	if (f->chances.busy && random_below(&f->random, 1000) < f->chances.busy)
		return 0;
	return f->below->ops->transmit(f->below, frames, count);
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
	f->order = 0;
	f->held_count = 0;
	f->link_cut = (struct link_cut){0};
	link_init(&f->link, &(struct link_chances){0}, &f->link_cut, seed);
	random_seed(&f->random, bytes);
}

uint64_t fault_netdev_deadline(const struct fault_netdev *f)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < f->held_count; i++)
		if (f->held[i].due < first)
			first = f->held[i].due;
	return first == UINT64_MAX ? first : first / NS + (first % NS > 0);
}
