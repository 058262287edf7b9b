// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/witness.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"

// ---- cards

static bool card_open(struct netdev *dev, struct fault *fault)
{
	struct witness_card *c = (struct witness_card *)dev;

	return c->below->ops->open(c->below, fault);
}

static void card_close(struct netdev *dev)
{
	struct witness_card *c = (struct witness_card *)dev;

	c->below->ops->close(c->below);
}

static enum netdev_link card_link(struct netdev *dev)
{
	struct witness_card *c = (struct witness_card *)dev;
	uint8_t link = (uint8_t)c->below->ops->link(c->below);

	if (c->link != link + 1)
		tape_put(c->tape, TAPE_LINK, c->number, &link, 1);
	c->link = (uint8_t)(link + 1);
	return (enum netdev_link)link;
}

static size_t card_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct witness_card *c = (struct witness_card *)dev;
	size_t count = c->below->ops->receive(c->below, burst, max);

	for (size_t i = 0; i < count; i++)
		tape_put_frame(c->tape, c->number, &burst[i]);
	return count;
}

static size_t card_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct witness_card *c = (struct witness_card *)dev;
	size_t sent = c->below->ops->transmit(c->below, frames, count);

	c->tape->sent += (uint32_t)sent;
	if (sent < count)
		tape_put(c->tape, TAPE_BUSY, c->number, "", 0);
	return sent;
}

static const struct netdev_ops ops = {
	.open = card_open,
	.close = card_close,
	.link = card_link,
	.receive = card_receive,
	.transmit = card_transmit,
};

static void put_card(struct tape *t, const struct witness_card *c)
{
	uint8_t bytes[TAPE_CARD_HEAD + NETDEV_NAME] = {0};

	memcpy(bytes, c->dev.hwaddr, 6);
	bytes[6] = (uint8_t)c->dev.mtu;
	bytes[7] = (uint8_t)(c->dev.mtu >> 8);
	memcpy(bytes + TAPE_CARD_HEAD, c->dev.name, NETDEV_NAME);
	tape_put(t, TAPE_CARD, c->number, bytes, sizeof bytes);
}

static void stand_before(struct witness *w, struct netdev *below)
{
	struct witness_card *c = &w->cards[w->count];

	c->dev = *below;
	c->dev.ops = &ops;
	c->below = below;
	c->tape = &w->tape;
	c->number = (uint8_t)w->count;
	put_card(&w->tape, c);
	if (w->identity.boot_nic == below)
		w->identity.boot_nic = &c->dev;
	w->list[w->count++] = &c->dev;
}

size_t witness_netdevs(struct witness *w, struct netdev ***list)
{
	*list = w->list;
	return w->count;
}

// ---- the machine

static void put_packet(struct tape *t, enum tape_kind kind, const struct platform_packet *p)
{
	if (p->length)
		tape_put(t, kind, 0, p->bytes, p->length);
}

static void put_identity(struct witness *w)
{
	const struct platform_identity *id = &w->identity;
	struct tape *t = &w->tape;
	struct tape_identity i = {
		.arch = id->arch,
		.vlan = id->vlan,
		.flags = (uint8_t)(id->has_uuid | id->programs << 1),
		.boot_nic = 255,
		.memory = (uint32_t)(platform_memory_free() >> 10),
	};

	memcpy(i.cpu, &id->cpu, sizeof i.cpu);
	memcpy(i.uuid, id->uuid, sizeof i.uuid);
	memcpy(i.boot_server, id->boot_server.bytes, sizeof i.boot_server);
	for (size_t k = 0; k < w->count; k++)
		if (w->list[k] == id->boot_nic)
			i.boot_nic = (uint8_t)k;
	tape_put_identity(t, &i);
	put_packet(t, TAPE_DISCOVER, &id->discover);
	put_packet(t, TAPE_ACK, &id->ack);
	put_packet(t, TAPE_PROXY, &id->proxy);
	put_packet(t, TAPE_SMBIOS, &id->smbios);
	if (id->boot_url)
		tape_put(t, TAPE_URL, 0, id->boot_url, strlen(id->boot_url));
}

void witness_start(struct witness *w, void *memory, size_t size)
{
	struct netdev **list;
	size_t count;

	tape_begin(&w->tape, memory, size, platform_now());
	w->identity = *platform_identity();
	count = platform_netdevs(&list);
	for (size_t i = 0; i < count && i < WITNESS_CARDS; i++)
		stand_before(w, list[i]);
	put_identity(w);
}

void witness_entropy(struct witness *w, uint8_t seed[16])
{
	uint8_t bytes[24];
	struct writer to = writer_of(bytes, sizeof bytes);

	platform_entropy(seed);
	write_bytes(&to, seed, 16);
	write_u64_le(&to, w->tape.began);
	tape_put(&w->tape, TAPE_SEED, 0, bytes, sizeof bytes);
}

uint64_t witness_now(struct witness *w)
{
	return w->tape.now = platform_now();
}

// ---- persons

int witness_getkey(struct witness *w)
{
	int key = platform_getkey();
	const uint8_t bytes[2] = {(uint8_t)key, (uint8_t)(key >> 8)};

	if (key != KEY_NONE)
		tape_put(&w->tape, TAPE_KEY, 0, bytes, sizeof bytes);
	return key;
}

bool witness_shift_held(struct witness *w)
{
	bool held = platform_shift_held();

	if (held)
		tape_put(&w->tape, TAPE_SHIFT, 0, "", 0);
	return held;
}
