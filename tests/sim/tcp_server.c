// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/tcp_server.h"
#include "netstack/wire/ether.h"

#include <string.h>

enum { DOUBLES = 3, BACKOFF_MAX = 3, SCALE = 2, SYN_AGAIN = 1000, TOO_LATE = 128 };

static void broken(struct tcp_server *v, const char *what)
{
	if (!v->broken)
		v->broken = what;
}

// ---- segments out

static bool shut(const struct tcp_server *v, uint64_t now)
{
	return now < v->shut_until;
}

static void transmit(struct tcp_server *v, struct tcp *segment, const uint8_t *bytes, size_t length,
	uint64_t now)
{
	struct ip ip = {.ttl = 64, .protocol = IP_TCP, .dont_fragment = true, .source = v->address,
		.destination = v->client};
	struct ether e = {.type = ETHER_IP};
	struct netdev *port = &v->node.port.dev;
	uint8_t frame[NETDEV_FRAME];
	struct writer w = writer_of(frame, sizeof frame);

	segment->source = TCP_SERVER_PORT;
	segment->destination = v->client_port;
	if (!(segment->flags & TCP_RST))
		segment->window = shut(v, now) ? 0 : 8000;
	if (v->stamps && !(segment->flags & TCP_RST)) {
		segment->stamped = true;
		segment->stamp = (uint32_t)now + v->stamp_offset;
		segment->echo = v->ts_recent;
	}
	memcpy(e.destination, v->client_hwaddr, 6);
	memcpy(e.source, port->hwaddr, 6);
	ether_write(&w, &e);
	tcp_write(&w, &ip, segment, bytes, length);
	if (w.failed)
		broken(v, "the server's own segment does not fit");
	port->ops->transmit(port, &(struct netdev_frame){.bytes = frame, .length = writer_length(&w)}, 1);
	v->segments++;
}

static uint32_t our_sequence(const struct tcp_server *v, uint64_t offset)
{
	return v->iss + 1 + (uint32_t)offset;
}

static uint32_t client_sequence(const struct tcp_server *v)
{
	return v->irs + 1 + (uint32_t)v->received + (v->client_fin ? 1 : 0);
}

static void send_syn(struct tcp_server *v, uint64_t now)
{
	struct tcp segment = {.flags = TCP_SYN | TCP_ACK, .sequence = v->iss,
		.acknowledgment = client_sequence(v), .mss = v->traits.mss, .scaled = v->scale,
		.scale = SCALE, .sack_permitted = v->sack};

	v->syn_sent = now;
	transmit(v, &segment, NULL, 0, now);
}

static void send_ack(struct tcp_server *v, uint64_t now)
{
	struct tcp segment = {.flags = TCP_ACK, .sequence = our_sequence(v, v->highest),
		.acknowledgment = client_sequence(v)};

	v->ack_due = false;
	transmit(v, &segment, NULL, 0, now);
}

static void send_reset(struct tcp_server *v, uint32_t sequence, uint32_t acknowledgment, uint64_t now)
{
	struct tcp segment = {.flags = TCP_RST | TCP_ACK, .sequence = sequence,
		.acknowledgment = acknowledgment};

	transmit(v, &segment, NULL, 0, now);
}

// The file's bytes from `offset` to `end`, with the FIN if they are the last.
static void send_bytes(struct tcp_server *v, uint64_t offset, uint64_t end, bool fin, uint64_t now)
{
	struct tcp segment = {.flags = TCP_ACK | (fin ? TCP_FIN : 0), .sequence = our_sequence(v, offset),
		.acknowledgment = client_sequence(v)};
	uint8_t bytes[1460];

	sim_file_read(v->file, offset, bytes, (size_t)(end - offset));
	v->ack_due = false;
	transmit(v, &segment, bytes, (size_t)(end - offset), now);
	if (end + fin > v->highest)
		v->highest = end + fin;
}

// ---- what to send when

static uint64_t piece_start(const struct tcp_server *v, size_t i)
{
	uint64_t start = (uint64_t)i * v->mss;

	return start < v->file->size ? start : v->file->size;
}

static bool last_piece(const struct tcp_server *v, size_t i)
{
	return i + 1 == v->piece_count;
}

static uint64_t again_at(const struct tcp_server *v, const struct tcp_server_piece *p)
{
	unsigned backoff = p->times - 1 < BACKOFF_MAX ? p->times - 1 : BACKOFF_MAX;

	return p->sent_at + ((uint64_t)v->traits.rto << backoff);
}

// The first piece that is not acknowledged, and the end of those that may be on their way.
static size_t first_piece(const struct tcp_server *v)
{
	size_t i = v->acked >= v->file->size ? v->piece_count - 1 : (size_t)(v->acked / v->mss);

	return v->acked == v->file->size + !v->traits.stays ? v->piece_count : i;
}

static size_t flight_end(const struct tcp_server *v)
{
	size_t end = first_piece(v) + v->traits.flight;

	return end < v->piece_count ? end : v->piece_count;
}

static bool lost(const struct tcp_server *v, size_t i)
{
	unsigned later = 0;

	if (v->pieces[i].times > 1 || v->pieces[i].arrived)
		return false;
	if (i == first_piece(v) && v->doubles >= DOUBLES)
		return true;
	for (size_t k = i + 1; k < flight_end(v); k++)
		later += v->pieces[k].arrived;
	return later >= DOUBLES;
}

static void send_piece(struct tcp_server *v, size_t i, uint64_t now)
{
	struct tcp_server_piece *p = &v->pieces[i];
	uint64_t start = piece_start(v, i), end = piece_start(v, i + 1);
	bool fin = last_piece(v, i) && !v->traits.stays;

	if (start < v->acked)
		start = v->acked < end ? v->acked : end;
	if (end > v->edge) {
		end = v->edge > start ? v->edge : start;
		fin = false;
	}
	if (end == start && !fin)
		return;
	v->repeats += p->sent;
	p->sent = true;
	p->times++;
	p->sent_at = now;
	send_bytes(v, start, end, fin, now);
}

// One byte beyond a closed window, now and then.
static void probe(struct tcp_server *v, uint64_t now)
{
	if (v->edge > v->acked || v->acked >= v->file->size || now < v->probed + v->traits.rto)
		return;
	v->probed = now;
	send_bytes(v, v->acked, v->acked + 1, false, now);
}

static void end_early(struct tcp_server *v, uint64_t now)
{
	if (v->traits.resets_at && v->acked >= v->traits.resets_at) {
		send_reset(v, our_sequence(v, v->acked), client_sequence(v), now);
		v->mute = true;
	}
	if (v->traits.mute_at && v->acked >= v->traits.mute_at)
		v->mute = true;
}

static bool answering(const struct tcp_server *v)
{
	return v->open && v->confirmed && !v->mute && !v->done && v->received == v->traits.request;
}

static void step(struct sim_node *node, uint64_t now)
{
	struct tcp_server *v = (struct tcp_server *)node;

	if (v->shut_until && !shut(v, now)) {
		v->shut_until = 0;
		v->ack_due = v->open;
	}
	if (answering(v)) {
		for (size_t i = first_piece(v); i < flight_end(v) && !v->mute; i++) {
			struct tcp_server_piece *p = &v->pieces[i];

			if (!p->sent || lost(v, i) || (!p->arrived && now >= again_at(v, p)))
				send_piece(v, i, now);
			end_early(v, now);
		}
		probe(v, now);
	}
	if (v->ack_due && v->open && !v->mute && !v->done)
		send_ack(v, now);
	if (v->open && !v->confirmed && !v->mute && now >= v->syn_sent + SYN_AGAIN && !v->done)
		send_syn(v, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t deadline(const struct sim_node *node)
{
	const struct tcp_server *v = (const struct tcp_server *)node;
	uint64_t first = UINT64_MAX;

	if (!v->open || v->mute || v->done)
		return first;
	if (v->shut_until)
		first = v->shut_until;
	if (!v->confirmed)
		return earlier(first, v->syn_sent + SYN_AGAIN);
	if (!answering(v))
		return first;
	for (size_t i = first_piece(v); i < flight_end(v); i++)
		if (v->pieces[i].sent && !v->pieces[i].arrived && piece_start(v, i) < v->edge)
			first = earlier(first, again_at(v, &v->pieces[i]));
	if (v->edge <= v->acked && v->acked < v->file->size)
		first = earlier(first, v->probed + v->traits.rto);
	return first;
}

// ---- segments in

static void accept_syn(struct tcp_server *v, const struct ip *ip, const struct tcp *s,
	const uint8_t *hwaddr, uint64_t now)
{
	const struct tcp_server_traits *t = &v->traits;

	if (v->open && v->client_port == s->source && v->irs == s->sequence) {
		if (!v->confirmed && !v->mute)
			send_syn(v, now);
		return;
	}
	if (v->open)
		broken(v, "connects twice");
	v->client = ip->source;
	memcpy(v->client_hwaddr, hwaddr, 6);
	v->client_port = s->source;
	if (t->closed) {
		send_reset(v, 0, s->sequence + 1, now);
		return;
	}
	v->open = true;
	v->irs = s->sequence;
	v->scale = t->scale && s->scaled;
	v->client_scale = v->scale ? s->scale : 0;
	v->sack = t->sack && s->sack_permitted;
	v->stamps = t->stamps && s->stamped;
	v->ts_recent = s->stamp;
	v->iss = random_u32(v->random);
	v->stamp_offset = random_u32(v->random);
	v->mss = t->mss ? t->mss : 536;
	if (s->mss && v->mss > s->mss)
		v->mss = s->mss;
	if (v->stamps)
		v->mss -= TCP_TIMESTAMPS_LENGTH;
	v->piece_count = (size_t)((v->file->size + v->mss - 1) / v->mss);
	if (v->piece_count == 0 || t->fin_alone)
		v->piece_count++;
	v->edge = s->window;
	v->opened = now;
	v->shut_until = t->shut ? now + t->shut : 0;
	send_syn(v, now);
}

static void take_sack(struct tcp_server *v, const struct tcp *s)
{
	for (int i = 0; i < s->sack_count; i++) {
		uint64_t start = v->acked + (uint32_t)(s->sack[i].start - our_sequence(v, v->acked));
		uint64_t end = v->acked + (uint32_t)(s->sack[i].end - our_sequence(v, v->acked));

		if (!v->sack || start >= end || end > v->highest || end > v->file->size) {
			// of an ACK that was overtaken by a newer one
			if (s->acknowledgment == our_sequence(v, v->acked))
				broken(v, "SACK of bytes that were never sent");
			continue;
		}
		for (size_t k = 0; k < v->piece_count; k++)
			if (piece_start(v, k) >= start && piece_start(v, k + 1) <= end &&
				piece_start(v, k) < piece_start(v, k + 1) && !last_piece(v, k))
				v->pieces[k].arrived = true;
	}
}

// Something has arrived: what is repeated is repeated soon.
static void forget_backoff(struct tcp_server *v)
{
	v->doubles = 0;
	for (size_t i = first_piece(v); i < flight_end(v); i++)
		if (v->pieces[i].times > 1)
			v->pieces[i].times = 1;
}

static void take_ack(struct tcp_server *v, const struct tcp *s, size_t length)
{
	uint32_t ahead = s->acknowledgment - our_sequence(v, v->acked);
	uint64_t edge;

	if ((int32_t)ahead < 0)
		return; // overtaken by a newer one
	if (v->acked + ahead > v->highest) {
		broken(v, "acknowledges what was never sent");
		return;
	}
	edge = v->acked + ahead + ((uint64_t)s->window << v->client_scale);
	if (ahead == 0 && length == 0 && edge == v->edge && !(s->flags & TCP_FIN))
		v->doubles++;
	if (ahead)
		forget_backoff(v);
	v->acked += ahead;
	v->confirmed = true;
	if (edge + TOO_LATE < v->edge && s->sequence == client_sequence(v))
		broken(v, "takes back a part of its window");
	if (edge > v->edge)
		v->edge = edge;
	take_sack(v, s);
}

static void take_request(struct tcp_server *v, const struct tcp *s, const struct reader *payload,
	uint64_t now)
{
	size_t length = reader_left(payload), skip = client_sequence(v) - s->sequence;

	if (length == 0 && !(s->flags & TCP_FIN))
		return;
	v->ack_due = true;
	if (shut(v, now) || skip > length || v->client_fin)
		return;
	if (length - skip > v->traits.request - v->received) {
		broken(v, "more bytes than were written");
		return;
	}
	memcpy(v->request + v->received, payload->at + skip, length - skip);
	v->received += length - skip;
	v->client_fin = s->flags & TCP_FIN;
}

static void segment_in(struct tcp_server *v, const struct ip *ip, const struct tcp *s,
	const struct reader *payload, const uint8_t *hwaddr, uint64_t now)
{
	if (s->flags == TCP_SYN) {
		accept_syn(v, ip, s, hwaddr, now);
		return;
	}
	if (!v->open || v->client_port != s->source || !ipaddr_equal(&ip->source, &v->client))
		return;
	memcpy(v->client_hwaddr, hwaddr, 6);
	if (s->flags & TCP_RST) {
		v->done = true;
		return;
	}
	if (!(s->flags & TCP_ACK) || s->flags & TCP_SYN || s->stamped != v->stamps) {
		broken(v, "flags or options that were not agreed");
		return;
	}
	if (v->stamps && tcp_until(s->sequence, client_sequence(v)))
		v->ts_recent = s->stamp;
	if (v->mute && v->traits.resets_at)
		send_reset(v, s->acknowledgment, client_sequence(v), now);
	if (v->mute)
		return;
	take_ack(v, s, reader_left(payload));
	take_request(v, s, payload, now);
}

// True: the frame was ours.
static bool frame_in(struct tcp_server *v, const struct netdev_frame *f, uint64_t now)
{
	struct reader r = reader_of(f->bytes, f->length), segment, payload;
	struct ether e;
	struct tcp s;
	struct ip ip;

	if (!ether_read(&r, &e) || e.type != ETHER_IP || !ip_read(&r, &ip, &segment) ||
		ip.protocol != IP_TCP || !ipaddr_equal(&ip.destination, &v->address))
		return false;
	if (memcmp(e.destination, v->node.port.dev.hwaddr, 6) == 0 &&
		tcp_read(&segment, &ip, false, &s, &payload) && s.destination == TCP_SERVER_PORT)
		segment_in(v, &ip, &s, &payload, e.source, now);
	return true;
}

// ---- the tap

static size_t tap_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct tcp_server *v = ((struct tcp_server_tap *)dev)->server;
	struct netdev *port = &v->node.port.dev;
	size_t count = port->ops->receive(port, burst, max), kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!frame_in(v, &burst[i], *v->node.port.now))
			burst[kept++] = burst[i];
	return kept;
}

static size_t tap_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct netdev *port = &((struct tcp_server_tap *)dev)->server->node.port.dev;

	return port->ops->transmit(port, frames, count);
}

static const struct netdev_ops tap_ops = {.receive = tap_receive, .transmit = tap_transmit};

void tcp_server_init(struct tcp_server *v, struct sim *s, unsigned host,
	const struct tcp_server_traits *traits, const struct sim_file *file)
{
	memset(v, 0, sizeof *v);
	v->node.step = step;
	v->node.deadline = deadline;
	v->traits = *traits;
	v->file = file;
	v->random = &s->random;
	v->address = ipaddr_v4(192, 168, 2, (uint8_t)host);
	sim_add(s, &v->node, &v->address, 24);
	v->tap.dev = v->node.port.dev;
	v->tap.dev.ops = &tap_ops;
	v->tap.server = v;
	v->node.stack.interfaces[0].dev = &v->tap.dev;
}
