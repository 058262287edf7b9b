// SPDX-License-Identifier: BSD-2-Clause
// The TCP client machine, and any segments. The first byte chooses what the server's SYN-ACK says and
// how the reader behaves; the segments of the script are written relative to what the client expects,
// so that most of them matter:
//   flags, sequence (4, relative to rcv_nxt), acknowledgment (2, to snd_una), window (2),
//   timestamp (1, to the latest; 0x80: none), bytes.
// Control bits: 0x10 bytes are written, 0x20 awaited or not, 0x40 the stream is closed, 0x80 the device
// is busy. Whatever comes: every byte is taken once and in its place, the window never moves back,
// ranges are in order, output ends, and what is awaited has a deadline.
#include "netstack/tcp_client.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { PEER_ISS = 0xfffffe00u, BYTES = 1 << 20 };
enum { SCALED = 1, SACK = 2, STAMPED = 4, REFUSES_AHEAD = 8, SMALL_ROOM = 16, TAKES_LESS = 32, ABORTS = 64 };

struct consumer {
	struct tcp_client *t;
	uint8_t options;
	size_t at;
	enum stream_state state;
	uint8_t there[BYTES];
};

static size_t some(const struct consumer *c, size_t length)
{
	return c->options & TAKES_LESS && length % 3 == 0 ? length / 2 : length;
}

static size_t on_bytes(void *owner, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct consumer *c = owner;

	PROMISE(length > 0 && c->at + length <= BYTES);
	touch(bytes, length);
	for (size_t i = 0; i < length; i++)
		PROMISE(!c->there[c->at + i]);
	if (c->options & ABORTS && bytes[0] == 'a')
		stream_abort(&c->t->stream, now);
	length = some(c, length);
	memset(c->there + c->at, 1, length);
	c->at += length;
	return length;
}

static size_t on_ahead(void *owner, size_t ahead, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct consumer *c = owner;

	(void)now;
	PROMISE(length > 0 && ahead > 0);
	touch(bytes, length);
	if (c->options & REFUSES_AHEAD || c->at + ahead + length > BYTES)
		return 0;
	for (size_t i = 0; i < length; i++)
		PROMISE(!c->there[c->at + ahead + i]);
	length = some(c, length);
	memset(c->there + c->at + ahead, 1, length);
	return length;
}

static void on_placed(void *owner, size_t length, uint64_t now)
{
	struct consumer *c = owner;

	(void)now;
	PROMISE(length > 0);
	for (size_t i = 0; i < length; i++)
		PROMISE(c->there[c->at + i]);
	c->at += length;
}

static size_t on_room(void *owner)
{
	const struct consumer *c = owner;
	size_t room = c->options & SMALL_ROOM ? 3000 : 100000;

	return BYTES - c->at < room ? BYTES - c->at : room;
}

static void on_changed(void *owner, uint64_t now)
{
	struct consumer *c = owner;

	(void)now;
	PROMISE(c->t->stream.state > c->state);
	PROMISE((c->t->stream.state == STREAM_FAILED) == (c->t->stream.fault.id != FAULT_NONE));
	c->state = c->t->stream.state;
}

static void check(const struct tcp_client *t, const struct consumer *c, uint64_t now)
{
	uint32_t last = t->rcv_nxt;

	if (stream_is_over(&t->stream))
		return;
	PROMISE(t->state == TCP_SYN_SENT || t->rcv_nxt - t->irs - 1 - (t->stream.state == STREAM_ENDED) == c->at);
	PROMISE(t->range_count <= TCP_RANGES);
	for (unsigned i = 0; i < t->range_count; i++) {
		PROMISE(tcp_before(last, t->ranges[i].start));
		PROMISE(tcp_before(t->ranges[i].start, t->ranges[i].end));
		last = t->ranges[i].end;
	}
	PROMISE(tcp_until(last, t->rcv_edge) || t->state == TCP_SYN_SENT || t->stream.state == STREAM_ENDED);
	PROMISE(tcp_until(t->snd_una, t->snd_nxt) && tcp_until(t->snd_nxt, t->snd_max));
	if (t->awaited && t->stream.state != STREAM_ENDED)
		PROMISE(tcp_client_deadline(t) <= now + TCP_PATIENCE);
}

static void pump(struct tcp_client *t, bool busy, uint64_t now)
{
	struct reader payload;
	struct tcp s;
	int segments = 0;

	while (tcp_client_output(t, &s, &payload, now)) {
		uint32_t edge = s.acknowledgment + ((uint32_t)s.window << t->rcv_scale);

		PROMISE(++segments < 16);
		PROMISE(tcp_header_length(&s) <= TCP_HEADER_MAX);
		touch(payload.at, reader_left(&payload));
		if (s.flags & TCP_ACK && !(s.flags & TCP_RST))
			PROMISE(tcp_before(t->rcv_edge, edge + 128));
		for (int i = 0; i < s.sack_count; i++)
			PROMISE(tcp_before(s.acknowledgment, s.sack[i].start) &&
				tcp_before(s.sack[i].start, s.sack[i].end));
		if (busy)
			return;
		tcp_client_sent(t, &s, reader_left(&payload), now);
	}
}

static void answer(struct tcp_client *t, uint8_t options, uint64_t now)
{
	struct tcp s = {.flags = TCP_SYN | TCP_ACK, .sequence = PEER_ISS, .acknowledgment = t->iss + 1,
		.window = options & SMALL_ROOM ? 10 : 60000, .mss = 536, .scaled = options & SCALED,
		.scale = 3, .sack_permitted = options & SACK, .stamped = options & STAMPED, .stamp = 1000};
	struct reader none = reader_of(&s, 0);

	tcp_client_input(t, &s, &none, now);
}

static void give(struct tcp_client *t, struct reader *r, uint64_t now)
{
	struct tcp s = {.flags = read_u8(r)};
	uint8_t stamp;

	s.sequence = t->rcv_nxt + read_u32(r);
	s.acknowledgment = t->snd_una + (uint32_t)(int16_t)read_u16(r);
	s.window = read_u16(r);
	stamp = read_u8(r);
	s.stamped = stamp != 0x80;
	s.stamp = t->ts_recent + (uint32_t)(int8_t)stamp;
	s.echo = (uint32_t)now + t->stamp_offset - stamp;
	tcp_client_input(t, &s, r, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct consumer c;
	static struct tcp_client t;
	struct stream_consumer consumer = {&c, on_bytes, on_ahead, on_placed, on_room, on_changed};
	struct random random;
	struct tcp_client_config config = {.random = &random, .server = {ipaddr_v4(10, 0, 0, 1), -1, 80},
		.local = {ipaddr_v4(10, 0, 0, 2), 0, 50000}, .mss = 1460};
	struct reader script = reader_of(bytes, length);
	uint64_t now = 1000;
	struct script_step step;

	random_seed(&random, (const uint8_t[16]){1});
	memset(&c, 0, sizeof c);
	c.t = &t;
	c.options = read_u8(&script);
	tcp_client_start(&t, &config, now);
	stream_consume(&t.stream, &consumer);
	stream_await(&t.stream, true, now);
	pump(&t, false, now);
	if (!(c.options & 0x80))
		answer(&t, c.options, now);
	while (script_next(&script, &step)) {
		now += step.pause;
		if (step.control & 0x10)
			stream_write(&t.stream, "0123456789", 10, now);
		if (step.control & 0x20)
			stream_await(&t.stream, !t.awaited, now);
		if (step.control & 0x40)
			stream_close(&t.stream, now);
		give(&t, &step.packet, now);
		pump(&t, step.control & 0x80, now);
		check(&t, &c, now);
	}
	return 0;
}
