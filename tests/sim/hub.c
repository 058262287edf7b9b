// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/hub.h"

#include <stdio.h>
#include <string.h>

void hub_init(struct hub *h)
{
	h->port_count = 0;
	h->frames = 0;
}

void hub_inject(struct hub *h, const struct netdev *port, const void *bytes, size_t length)
{
	h->frames++;
	for (size_t i = 0; i < h->port_count; i++) {
		struct hub_port *p = &h->ports[i];
		struct hub_frame *f = &p->queue[(p->head + p->count) % HUB_QUEUE];

		if (&p->dev == port || p->count == HUB_QUEUE)
			continue;
		f->length = length < sizeof f->bytes ? length : sizeof f->bytes;
		if (f->length)
			memcpy(f->bytes, bytes, f->length);
		p->count++;
	}
}

static bool port_open(struct netdev *dev, struct fault *fault)
{
	(void)dev;
	(void)fault;
	return true;
}

static void port_close(struct netdev *dev)
{
	(void)dev;
}

static enum netdev_link port_link(struct netdev *dev)
{
	(void)dev;
	return LINK_UP;
}

static size_t port_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct hub_port *p = (struct hub_port *)dev;
	size_t n = 0;

	for (; n < max && n < NETDEV_BURST && p->count; n++) {
		p->taken[n] = p->queue[p->head];
		p->head = (p->head + 1) % HUB_QUEUE;
		p->count--;
		burst[n] = (struct netdev_frame){.bytes = p->taken[n].bytes, .length = p->taken[n].length};
	}
	return n;
}

static size_t port_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct hub_port *p = (struct hub_port *)dev;

	if (p->busy)
		return 0;
	for (size_t i = 0; i < count; i++)
		hub_inject(p->hub, dev, frames[i].bytes, frames[i].length);
	return count;
}

static bool port_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	(void)dev;
	(void)groups;
	(void)count;
	return false;
}

static const struct netdev_ops port_ops = {
	.open = port_open,
	.close = port_close,
	.link = port_link,
	.receive = port_receive,
	.transmit = port_transmit,
	.set_filter = port_set_filter,
};

struct netdev *hub_port(struct hub *h)
{
	struct hub_port *p = &h->ports[h->port_count++];

	*p = (struct hub_port){
		.dev = {
			.ops = &port_ops,
			.hwaddr = {2, 0, 0, 0, 0, (uint8_t)h->port_count},
			.hwaddr_length = 6,
			.hwtype = 1,
			.mtu = 1500,
		},
		.hub = h,
	};
	snprintf(p->dev.name, sizeof p->dev.name, "net%zu", h->port_count - 1);
	return &p->dev;
}
