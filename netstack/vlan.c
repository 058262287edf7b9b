// SPDX-License-Identifier: BSD-2-Clause
// The tag stands between the addresses and the type (IEEE 802.1Q, section 9.3):
//
//   destination 6 | source 6 | 0x8100 | priority 3, drop 1, VLAN 12 | type 2 | payload
//
// A frame is copied once each way; the driver's own memory is not written to.
#include "netstack/vlan.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum {
	ADDRESSES = 12,
	HEADER = 14,
	TAGGED_MIN = 64, // 60 are left when a switch has taken the tag away
	TAG_TYPE = 0x8100,
	ID_MASK = 0x0fff,
};

static bool vlan_open(struct netdev *dev, struct fault *fault)
{
	struct vlan *v = (struct vlan *)dev;

	return v->below->ops->open(v->below, fault);
}

static void vlan_close(struct netdev *dev)
{
	struct vlan *v = (struct vlan *)dev;

	v->below->ops->close(v->below);
}

static enum netdev_link vlan_link(struct netdev *dev)
{
	struct vlan *v = (struct vlan *)dev;

	return v->below->ops->link(v->below);
}

static bool vlan_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	struct vlan *v = (struct vlan *)dev;

	return v->below->ops->set_filter(v->below, groups, count);
}

static bool is_ours(const struct vlan *v, const struct netdev_frame *f)
{
	const uint8_t *tag = f->bytes + ADDRESSES;

	return f->length >= HEADER + VLAN_TAG && f->length <= NETDEV_FRAME &&
	       (tag[0] << 8 | tag[1]) == TAG_TYPE && ((tag[2] << 8 | tag[3]) & ID_MASK) == v->id;
}

static size_t vlan_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct vlan *v = (struct vlan *)dev;
	struct netdev_frame from[VLAN_BURST];
	size_t got, count = 0;

	if (max > VLAN_BURST)
		max = VLAN_BURST;
	got = v->below->ops->receive(v->below, from, max);
	for (size_t i = 0; i < got; i++) {
		uint8_t *to = v->rx[count];

		if (!is_ours(v, &from[i]))
			continue;
		memcpy(to, from[i].bytes, ADDRESSES);
		memcpy(to + ADDRESSES, from[i].bytes + ADDRESSES + VLAN_TAG,
			from[i].length - ADDRESSES - VLAN_TAG);
		burst[count++] = (struct netdev_frame){to, from[i].length - VLAN_TAG,
			from[i].checksum_absent};
	}
	return count;
}

// Builds the tagged frame in v->tx; false for one that is none.
static bool tag(struct vlan *v, const struct netdev_frame *f, struct netdev_frame *tagged)
{
	const uint8_t bytes[VLAN_TAG] = {TAG_TYPE >> 8, TAG_TYPE & 0xff, (uint8_t)(v->id >> 8),
		(uint8_t)v->id};
	size_t length = f->length + VLAN_TAG;

	if (f->length < HEADER || length > NETDEV_FRAME)
		return false;
	memcpy(v->tx, f->bytes, ADDRESSES);
	memcpy(v->tx + ADDRESSES, bytes, VLAN_TAG);
	memcpy(v->tx + ADDRESSES + VLAN_TAG, f->bytes + ADDRESSES, f->length - ADDRESSES);
	for (; length < TAGGED_MIN; length++)
		v->tx[length] = 0;
	*tagged = (struct netdev_frame){v->tx, length, false};
	return true;
}

static size_t vlan_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct vlan *v = (struct vlan *)dev;
	struct netdev_frame tagged;
	size_t i;

	for (i = 0; i < count; i++)
		if (tag(v, &frames[i], &tagged) && v->below->ops->transmit(v->below, &tagged, 1) == 0)
			break;
	return i;
}

void vlan_init(struct vlan *v, struct netdev *below, uint16_t id)
{
	static const struct netdev_ops ops = {
		.open = vlan_open,
		.close = vlan_close,
		.link = vlan_link,
		.receive = vlan_receive,
		.transmit = vlan_transmit,
		.set_filter = vlan_set_filter,
	};
	struct text name;

	memset(v, 0, sizeof *v);
	v->dev = *below;
	v->dev.ops = &ops;
	v->dev.mtu = below->mtu > VLAN_TAG ? (uint16_t)(below->mtu - VLAN_TAG) : below->mtu;
	v->below = below;
	v->id = id;
	name = text_of(v->dev.name, sizeof v->dev.name);
	text_format(&name, "%s.%u", below->name, id);
}
