// SPDX-License-Identifier: BSD-2-Clause
// The whole stack on a card that delivers anything. IPv4 header checksums are made right first, and
// TCP segments get the port of the connection that there is. Whatever comes, frames that leave are
// well-formed, and what a socket or a stream gets lies inside its frame.
// Control bits: 0x10 our hardware address is put in, 0x20 a datagram and some bytes of the stream are
// sent, 0x40 the address is taken away or given back.
#include "netstack/stack.h"
#include "netstack/tcp_client.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/ip.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

static const uint8_t hwaddr[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

struct card {
	struct netdev dev; // first
	uint8_t *frame;    // the one that waits, NULL: none
	size_t length;
	bool busy;
};

static bool card_open(struct netdev *dev, struct fault *fault)
{
	(void)dev;
	(void)fault;
	return true;
}

static void card_close(struct netdev *dev)
{
	(void)dev;
}

static enum netdev_link card_link(struct netdev *dev)
{
	(void)dev;
	return LINK_UP;
}

static size_t card_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct card *c = (struct card *)dev;

	PROMISE(max > 0);
	if (!c->frame)
		return 0;
	burst[0] = (struct netdev_frame){.bytes = c->frame, .length = c->length, .checksum_absent = true};
	c->frame = NULL;
	return 1;
}

static size_t card_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct card *c = (struct card *)dev;

	for (size_t i = 0; i < count; i++) {
		struct reader r = reader_of(frames[i].bytes, frames[i].length), payload, data;
		struct ether e;
		struct tcp tcp;
		struct ip ip;

		PROMISE(frames[i].length <= 1514);
		PROMISE(ether_read(&r, &e) && memcmp(e.source, hwaddr, 6) == 0);
		PROMISE(e.type == ETHER_ARP || (e.type == ETHER_IP && ip_read(&r, &ip, &payload)));
		PROMISE(e.type == ETHER_ARP || ip.protocol != IP_TCP ||
			tcp_read(&payload, &ip, false, &tcp, &data));
	}
	return c->busy ? 0 : count;
}

static bool card_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	(void)dev;
	(void)groups;
	(void)count;
	return true;
}

static const struct netdev_ops card_ops = {
	card_open, card_close, card_link, card_receive, card_transmit, card_filter};

static void input(void *owner, const struct datagram *d, uint64_t now)
{
	(void)owner;
	(void)now;
	touch(d->payload, d->length);
	PROMISE(d->to.port == 68 || d->to.port == 2070);
}

static void unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	(void)owner;
	(void)now;
	PROMISE(fault->id != FAULT_NONE && !ipaddr_is_unset(&peer->addr));
}

static size_t on_bytes(void *owner, const uint8_t *bytes, size_t length, uint64_t now)
{
	(void)owner;
	(void)now;
	touch(bytes, length);
	return length;
}

static size_t on_ahead(void *owner, size_t ahead, const uint8_t *bytes, size_t length, uint64_t now)
{
	PROMISE(ahead > 0);
	return on_bytes(owner, bytes, length, now);
}

// The connection's port, and an acknowledgment that it believes.
static void fix_segment(const struct tcp_client *t, uint8_t *segment, size_t length)
{
	struct writer port = writer_of(segment + 2, 2), acknowledgment = writer_of(segment + 8, 4);

	if (length < TCP_HEADER)
		return;
	write_u16(&port, t->cfg.local.port);
	write_u32(&acknowledgment, t->snd_max);
}

static void fix_sum(const struct tcp_client *t, uint8_t *frame, size_t length)
{
	size_t header = length > ETHER_HEADER ? (frame[ETHER_HEADER] & 15) * 4u : 0;
	uint8_t *ip = frame + ETHER_HEADER;
	uint16_t sum;

	if (header < IP_HEADER || length < ETHER_HEADER + header || frame[12] != 8 || frame[13] != 0)
		return;
	if (ip[9] == IP_TCP)
		fix_segment(t, ip + header, length - ETHER_HEADER - header);
	ip[10] = ip[11] = 0;
	sum = ip_checksum_end(ip_checksum_add(0, ip, header));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

// After a long pause several steps may be due one after the other, but not without end.
static void rest(struct stack *s, const struct card *card, uint64_t now)
{
	int polls = 0;

	do {
		PROMISE(++polls < 5);
		stack_poll(s, now);
	} while (stack_deadline(s) <= now && !card->busy);
}

static void play(struct stack *s, struct card *card, struct stack_socket *socket, struct tcp_client *t,
	struct reader script)
{
	struct ipaddr ours = ipaddr_v4(10, 77, 0, 50), none = {0};
	struct endpoint far = {ipaddr_v4(10, 99, 0, 1), -1, 69}, near = {ipaddr_v4(10, 77, 0, 1), -1, 69};
	struct script_step step;
	uint64_t now = 1000;
	bool configured = true;

	while (script_next(&script, &step)) {
		size_t length = reader_left(&step.packet);
		uint8_t *frame = malloc(length + 1);

		if (!frame)
			return;
		read_bytes(&step.packet, frame + 1, length);
		if (step.control & 0x10 && length >= 6)
			memcpy(frame + 1, hwaddr, 6);
		fix_sum(t, frame + 1, length);
		now += step.pause;
		card->frame = frame + 1;
		card->length = length;
		card->busy = step.control & 0x80;
		stack_poll(s, now);
		if (step.control & 0x20) {
			stack_send(s, socket, step.control & 1 ? &near : &far, "hello", 5, now);
			stream_write(&t->stream, "hello", 5, now);
		}
		if (step.control & 0x40) {
			configured = !configured;
			stack_set_address(s, 0, configured ? &ours : &none, 24, now);
		}
		rest(s, card, now);
		free(frame);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct stack s;
	struct card card = {.dev = {.ops = &card_ops, .name = "net0", .hwaddr_length = 6, .hwtype = 1,
				    .mtu = 1500}};
	struct stack_handler handler = {.input = input, .unreachable = unreachable};
	struct ipaddr ours = ipaddr_v4(10, 77, 0, 50), gateway = ipaddr_v4(10, 77, 0, 254), any = {.family = IP_V4};
	struct random random;
	uint8_t seed[16] = {0};
	struct tcp_client_config config = {.random = &random, .server = {ipaddr_v4(10, 77, 0, 1), -1, 80}};
	struct stream_consumer consumer = {.bytes = on_bytes, .ahead = on_ahead};
	static struct tcp_client t;
	struct stack_socket *socket;

	memcpy(card.dev.hwaddr, hwaddr, 6);
	random_seed(&random, seed);
	stack_init(&s, &random);
	PROMISE(stack_add_interface(&s, &card.dev) == 0);
	stack_set_address(&s, 0, &ours, 24, 1000);
	PROMISE(stack_add_route(&s, &any, 0, &gateway, 0));
	socket = stack_bind(&s, -1, 2070, &handler);
	PROMISE(socket && stack_bind(&s, 0, 68, &handler));
	PROMISE(stack_connect(&s, &t, &config, 1000));
	stream_consume(&t.stream, &consumer);
	stream_await(&t.stream, true, 1000);
	play(&s, &card, socket, &t, reader_of(bytes, length));
	return 0;
}
