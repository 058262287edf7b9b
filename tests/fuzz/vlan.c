// SPDX-License-Identifier: BSD-2-Clause
// A VLAN on a card that delivers anything, several frames at once: what comes out is one of the
// frames with its tag, without the tag, in their order; sent again it has a tag once more, and is
// not longer than a frame may be. Control bits: 0x10 the tag is put in, 0x20 the burst goes on with
// the next frame.
#include "netstack/vlan.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { ID = 7, TAG_AT = 12 };

struct card {
	struct netdev dev; // first
	struct netdev_frame frames[NETDEV_BURST];
	size_t count, given;
	uint8_t sent[NETDEV_FRAME];
	size_t sent_length;
};

static size_t card_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct card *c = (struct card *)dev;
	size_t give = c->count - c->given < max ? c->count - c->given : max;

	memcpy(burst, &c->frames[c->given], give * sizeof *burst);
	c->given += give;
	return give;
}

static size_t card_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct card *c = (struct card *)dev;

	PROMISE(count == 1 && frames[0].length <= NETDEV_FRAME && frames[0].length >= 64);
	memcpy(c->sent, frames[0].bytes, frames[0].length);
	c->sent_length = frames[0].length;
	return count;
}

static const struct netdev_ops card_ops = {.receive = card_receive, .transmit = card_transmit};

static bool has_tag(const struct netdev_frame *f)
{
	const uint8_t *tag = f->bytes + TAG_AT;

	return f->length >= 18 && f->length <= NETDEV_FRAME && tag[0] == 0x81 && tag[1] == 0 &&
	       (tag[2] & 15) == 0 && tag[3] == ID;
}

static bool is_without_tag(const struct netdev_frame *out, const struct netdev_frame *in)
{
	return out->length == in->length - VLAN_TAG && memcmp(out->bytes, in->bytes, TAG_AT) == 0 &&
	       memcmp(out->bytes + TAG_AT, in->bytes + TAG_AT + VLAN_TAG, out->length - TAG_AT) == 0;
}

static void send_again(struct vlan *v, struct card *c, const struct netdev_frame *f)
{
	struct netdev_frame sent = {c->sent, 0, false};

	c->sent_length = 0;
	PROMISE(v->dev.ops->transmit(&v->dev, f, 1) == 1);
	sent.length = c->sent_length;
	PROMISE(has_tag(&sent) && sent.length >= f->length + VLAN_TAG);
	sent.length = f->length + VLAN_TAG;
	PROMISE(is_without_tag(f, &sent));
}

static void deliver(struct vlan *v, struct card *c)
{
	struct netdev_frame burst[NETDEV_BURST];
	size_t next = 0;

	for (c->given = 0; c->given < c->count;) {
		size_t before = c->given, got = v->dev.ops->receive(&v->dev, burst, NETDEV_BURST);

		PROMISE(c->given > before && got <= c->given - before);
		for (size_t i = 0; i < got; i++, next++) {
			while (next < c->given && !has_tag(&c->frames[next]))
				next++;
			PROMISE(next < c->given && is_without_tag(&burst[i], &c->frames[next]));
			send_again(v, c, &burst[i]);
		}
	}
	while (next < c->count)
		PROMISE(!has_tag(&c->frames[next++]));
	while (c->count)
		free((void *)c->frames[--c->count].bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct vlan v;
	struct card card = {.dev = {.ops = &card_ops, .name = "net0", .hwaddr_length = 6, .mtu = 1500}};
	struct reader script = reader_of(bytes, length);
	struct script_step step;

	vlan_init(&v, &card.dev, ID);
	PROMISE(v.dev.mtu == 1496 && strcmp(v.dev.name, "net0.7") == 0);
	while (script_next(&script, &step)) {
		size_t size = reader_left(&step.packet);
		uint8_t *frame = malloc(size ? size : 1); // exact, for ASan

		if (!frame)
			break;
		read_bytes(&step.packet, frame, size);
		if (step.control & 0x10 && size >= TAG_AT + VLAN_TAG)
			memcpy(frame + TAG_AT, "\x81\0\x20\x07", VLAN_TAG);
		card.frames[card.count++] = (struct netdev_frame){frame, size, false};
		if (!(step.control & 0x20) || card.count == NETDEV_BURST)
			deliver(&v, &card);
	}
	deliver(&v, &card);
	return 0;
}
