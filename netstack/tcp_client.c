// SPDX-License-Identifier: BSD-2-Clause
// TCP client: its life, the clock, and what is sent. What comes in is in tcp_input.c, the way of
// received bytes in tcp_ranges.c.
//
// Sequence numbers of what we send: `iss` is the SYN, `base` the first byte in the buffer, and behind
// the last byte comes the FIN, once stream_close was called. base == snd_una, but before the SYN and
// after the FIN is acknowledged. A timeout moves snd_nxt back to snd_una; snd_max stays.
#include "netstack/tcp_client.h"
#include "netstack/base/memory.h"
#include "netstack/tcp_parts.h"

enum {
	RTO_FIRST = 1000, // ms (RFC 6298)
	RTO_MIN = 200,    // ms
	RTO_MAX = 2000,   // ms; we send little, and patience is short
	MSS_MAX = 1460,
	WINDOW_PLAIN = 65535,
	SCALE_MAX = 14,
	ACK_SEGMENTS = 16, // so many of full size are acknowledged at the latest
};

static const struct stream_ops stream_ops;

// RFC 6528: a number that others cannot guess, and that for the same pair of endpoints moves on with
// time (4 us for each), so that a new connection is not taken for an old one.
static uint32_t initial_sequence(const struct tcp_client *t, uint64_t now)
{
	uint8_t pair[48];
	struct writer w = writer_of(pair, sizeof pair);

	write_bytes(&w, t->cfg.local.addr.bytes, sizeof t->cfg.local.addr.bytes);
	write_u16(&w, t->cfg.local.port);
	write_bytes(&w, t->cfg.server.addr.bytes, sizeof t->cfg.server.addr.bytes);
	write_u16(&w, t->cfg.server.port);
	return random_of(t->cfg.random, pair, writer_length(&w)) + (uint32_t)now * 250;
}

void tcp_client_start(struct tcp_client *t, const struct tcp_client_config *cfg, uint64_t now)
{
	memset(t, 0, sizeof *t);
	t->stream.ops = &stream_ops;
	t->cfg = *cfg;
	if (!t->cfg.mss)
		t->cfg.mss = MSS_MAX;
	if (!t->cfg.window)
		t->cfg.window = TCP_WINDOW;
	if (t->cfg.window > TCP_WINDOW_MAX)
		t->cfg.window = TCP_WINDOW_MAX;
	if (!t->cfg.connect_patience)
		t->cfg.connect_patience = TCP_CONNECT_PATIENCE;
	if (!t->cfg.patience)
		t->cfg.patience = TCP_PATIENCE;
	while (t->cfg.window >> t->rcv_scale > WINDOW_PLAIN && t->rcv_scale < SCALE_MAX)
		t->rcv_scale++;
	t->state = TCP_SYN_SENT;
	t->iss = t->snd_una = t->snd_nxt = t->snd_max = initial_sequence(t, now);
	t->base = t->iss + 1;
	t->stamp_offset = random_u32(t->cfg.random);
	t->rtt = rtt_of(RTO_FIRST, RTO_MIN, RTO_MAX);
	t->started = t->heard = t->acked = now;
}

// ---- how it ends

void tcp_change(struct tcp_client *t, enum stream_state state, uint64_t now)
{
	t->stream.state = state;
	if (t->stream.consumer.changed)
		t->stream.consumer.changed(t->stream.consumer.owner, now);
}

static void reset_peer(struct tcp_client *t)
{
	t->reset_due = true;
	t->reset_plain = false;
	t->reset_sequence = t->snd_max;
}

void tcp_fail(struct tcp_client *t, bool reset, uint64_t now)
{
	if (reset)
		reset_peer(t);
	t->state = TCP_CLOSED;
	tcp_change(t, STREAM_FAILED, now);
}

struct text tcp_peer(const struct tcp_client *t, char *to, size_t size)
{
	struct text text = text_of(to, size);
	char address[IPADDR_TEXT];

	ipaddr_format(&t->cfg.server.addr, address);
	text_format(&text, "%s port %u", address, t->cfg.server.port);
	return text;
}

void tcp_client_unreachable(struct tcp_client *t, const struct fault *why, uint64_t now)
{
	if (t->state != TCP_SYN_SENT)
		return;
	t->stream.fault = *why;
	tcp_fail(t, false, now);
}

// ---- the stream

static bool can_write(const struct tcp_client *t)
{
	return !t->closing &&
	       (t->state == TCP_SYN_SENT || t->state == TCP_ESTABLISHED || t->state == TCP_CLOSE_WAIT);
}

static bool tcp_stream_write(struct stream *s, const void *bytes, size_t length, uint64_t now)
{
	struct tcp_client *t = (struct tcp_client *)s;

	if (!can_write(t) || length > sizeof t->buffer - t->length)
		return false;
	if (t->length == 0)
		t->acked = now;
	memcpy(t->buffer + t->length, bytes, length);
	t->length += length;
	tcp_keep_timer(t, now);
	return true;
}

static void tcp_stream_await(struct stream *s, bool awaited, uint64_t now)
{
	struct tcp_client *t = (struct tcp_client *)s;

	if (awaited != t->awaited)
		t->heard = now;
	t->awaited = awaited;
}

static void tcp_stream_close(struct stream *s, uint64_t now)
{
	struct tcp_client *t = (struct tcp_client *)s;

	if (!can_write(t))
		return;
	t->closing = true;
	t->heard = now;
	if (t->length == 0)
		t->acked = now;
	if (t->state == TCP_ESTABLISHED)
		t->state = TCP_FIN_WAIT_1;
	else if (t->state == TCP_CLOSE_WAIT)
		t->state = TCP_LAST_ACK;
	tcp_keep_timer(t, now);
}

static void tcp_stream_abort(struct stream *s, uint64_t now)
{
	struct tcp_client *t = (struct tcp_client *)s;

	(void)now;
	if (stream_is_over(s))
		return;
	if (t->state != TCP_SYN_SENT)
		reset_peer(t);
	t->state = TCP_CLOSED;
	s->state = STREAM_CLOSED;
}

static void describe_wait(struct text *to, const char *what, uint64_t since, uint64_t now)
{
	text_format(to, " (%s for %u s)", what, (uint32_t)(now - since) / 1000);
}

static void tcp_stream_describe(const struct stream *s, struct text *to, uint64_t now)
{
	const struct tcp_client *t = (const struct tcp_client *)s;
	char peer[IPADDR_TEXT + 16];

	tcp_peer(t, peer, sizeof peer);
	if (t->state == TCP_SYN_SENT) {
		text_format(to, "connecting to %s (%u tries in %u s)", peer, t->tries + 1,
			(uint32_t)(now - t->started) / 1000);
	} else if (stream_is_over(s)) {
		text_format(to, "connection to %s is over", peer);
	} else if (t->length) {
		text_format(to, "waiting for %s to take %zu bytes", peer, t->length);
		describe_wait(to, t->snd_wnd ? "no acknowledgment" : "its window is closed", t->acked,
			now);
	} else if (t->awaited) {
		text_format(to, "waiting for bytes from %s", peer);
		describe_wait(to, "none", t->heard, now);
	} else {
		text_format(to, "%s %s", t->closing ? "closing the connection to" : "connected to",
			peer);
	}
}

static const struct stream_ops stream_ops = {
	.write = tcp_stream_write,
	.await = tcp_stream_await,
	.close = tcp_stream_close,
	.abort = tcp_stream_abort,
	.describe = tcp_stream_describe,
};

// ---- the clock

// Whether something must be repeated if it is not acknowledged.
static bool timer_wanted(const struct tcp_client *t)
{
	if (t->state == TCP_CLOSED || t->state == TCP_TIME_WAIT)
		return false;
	return t->snd_una != t->snd_max ||
	       (t->state != TCP_SYN_SENT && t->snd_wnd == 0 && (t->length || t->closing));
}

void tcp_keep_timer(struct tcp_client *t, uint64_t now)
{
	if (!timer_wanted(t))
		t->timer = 0;
	else if (t->timer == 0)
		t->timer = now + t->rtt.rto;
}

static void time_out(struct tcp_client *t, uint64_t now)
{
	t->tries++;
	t->count.timeouts++;
	t->snd_nxt = t->snd_una;
	t->measuring = false;
	t->probing = t->snd_wnd == 0;
	rtt_back_off(&t->rtt);
	t->timer = now + t->rtt.rto;
}

// Whether bytes of the peer's are awaited that can still come.
static bool awaiting(const struct tcp_client *t)
{
	return t->awaited && t->stream.state <= STREAM_OPEN;
}

// When patience ends: with the connection, with what we have sent, with what we wait for, and, when
// both sides should be closing, with the peer. The end of time if there is nothing to wait for.
static uint64_t patience_end(const struct tcp_client *t)
{
	uint64_t end = UINT64_MAX;

	if (t->state == TCP_CLOSED || t->state == TCP_TIME_WAIT)
		return end;
	if (t->state == TCP_SYN_SENT)
		return t->started + t->cfg.connect_patience;
	if (t->length)
		end = t->acked + t->cfg.patience;
	if (awaiting(t) && t->heard + t->cfg.patience < end)
		end = t->heard + t->cfg.patience;
	if (end == UINT64_MAX && t->closing)
		end = (t->heard > t->acked ? t->heard : t->acked) + TCP_LINGER;
	return end;
}

static void fail_silent(struct tcp_client *t, const char *peer, uint64_t now)
{
	fault_set(&t->stream.fault, FAULT_TCP_SILENT, "(%s: no answer to %u tries in %u s)", peer,
		t->tries + 1, (uint32_t)(now - t->started) / 1000);
	tcp_fail(t, false, now);
}

static void fail_stalled(struct tcp_client *t, const char *peer, uint64_t now)
{
	uint32_t came = t->rcv_nxt - t->irs - 1;

	if (t->length && now - t->acked >= t->cfg.patience)
		fault_set(&t->stream.fault, FAULT_TCP_STALLED, "(%s has %s for %u s)", peer,
			t->snd_wnd ? "acknowledged nothing" : "had no room for our request",
			(uint32_t)(now - t->acked) / 1000);
	else
		fault_set(&t->stream.fault, FAULT_TCP_STALLED,
			"(%s: nothing for %u s, after %u bytes)", peer,
			(uint32_t)(now - t->heard) / 1000, came);
	tcp_fail(t, true, now);
}

static void lose_patience(struct tcp_client *t, uint64_t now)
{
	char peer[IPADDR_TEXT + 16];

	tcp_peer(t, peer, sizeof peer);
	if (t->state == TCP_SYN_SENT) {
		fail_silent(t, peer, now);
	} else if (t->length || awaiting(t)) {
		fail_stalled(t, peer, now);
	} else {
		reset_peer(t);
		t->state = TCP_CLOSED;
		tcp_change(t, STREAM_CLOSED, now);
	}
}

static void check_time(struct tcp_client *t, uint64_t now)
{
	if (now >= patience_end(t))
		lose_patience(t, now);
	tcp_keep_timer(t, now);
	if (t->timer && now >= t->timer)
		time_out(t, now);
}

// ---- what is sent

uint32_t tcp_stamp(const struct tcp_client *t, uint64_t now)
{
	return (uint32_t)now + t->stamp_offset;
}

uint32_t tcp_window(const struct tcp_client *t)
{
	const struct stream_consumer *c = &t->stream.consumer;
	uint32_t most = (uint32_t)WINDOW_PLAIN << t->rcv_scale;
	size_t room = c->room ? c->room(c->owner) : SIZE_MAX;

	if (most > t->cfg.window)
		most = t->cfg.window;
	return room < most ? (uint32_t)room : most;
}

// The window told to the peer may grow by so much that it should know without waiting for more to
// come: it was nearly closed (RFC 9293 section 3.8.6.2.2).
static bool window_opens(const struct tcp_client *t)
{
	uint32_t told = t->rcv_edge - t->rcv_nxt, small = 2u * t->cfg.mss, now_free;

	if (t->state == TCP_CLOSED || t->state == TCP_SYN_SENT || t->fin_seen || told >= small)
		return false;
	now_free = tcp_window(t);
	return now_free > told && (now_free >= t->cfg.window / 2 || now_free - told >= small);
}

// The next piece of the buffer that may go, and whether the FIN goes with it.
static bool next_piece(const struct tcp_client *t, size_t *length, bool *fin)
{
	uint32_t sent = t->snd_nxt - t->base, flight = t->snd_nxt - t->snd_una;
	uint32_t window = t->snd_wnd || !t->probing ? t->snd_wnd : 1;
	size_t left, room = window > flight ? window - flight : 0;

	if (t->state == TCP_CLOSED || t->state == TCP_SYN_SENT || sent > t->length)
		return false;
	left = t->length - sent;
	*length = left < room ? left : room;
	if (*length > t->snd_mss)
		*length = t->snd_mss;
	*fin = t->closing && *length == left && room > left;
	if (t->tries && flight) // after a timeout one at a time
		return false;
	if (*length == 0 && !*fin)
		return false;
	return *length == left || *length == t->snd_mss || flight == 0; // no silly windows
}

static bool syn_due(const struct tcp_client *t)
{
	return t->state == TCP_SYN_SENT && t->snd_nxt == t->iss;
}

static void write_syn(const struct tcp_client *t, struct tcp *segment)
{
	uint32_t window = tcp_window(t);

	segment->flags = TCP_SYN;
	segment->sequence = t->iss;
	segment->window = (uint16_t)(window < WINDOW_PLAIN ? window : WINDOW_PLAIN);
	segment->mss = t->cfg.mss;
	segment->scaled = segment->sack_permitted = segment->stamped = true;
	segment->scale = t->rcv_scale;
}

// What every segment after the SYN has: the ACK, and the window, whose end never moves back.
static void write_ack(const struct tcp_client *t, struct tcp *segment)
{
	uint32_t window = tcp_window(t), told = t->rcv_edge - t->rcv_nxt;

	segment->flags = TCP_ACK;
	segment->sequence = t->snd_nxt;
	segment->acknowledgment = t->rcv_nxt;
	segment->window = (uint16_t)((window > told ? window : told) >> t->rcv_scale);
	segment->stamped = t->stamped;
	segment->echo = t->ts_recent;
}

static void write_reset(const struct tcp_client *t, struct tcp *segment)
{
	segment->flags = t->reset_plain ? TCP_RST : TCP_RST | TCP_ACK;
	segment->sequence = t->reset_sequence;
	if (!t->reset_plain)
		segment->acknowledgment = t->rcv_nxt;
}

bool tcp_client_output(struct tcp_client *t, struct tcp *segment, struct reader *payload,
	uint64_t now)
{
	size_t length = 0;
	bool fin = false;

	check_time(t, now);
	*segment = (struct tcp){.source = t->cfg.local.port, .destination = t->cfg.server.port};
	*payload = reader_of(t->buffer, 0);
	if (t->reset_due) {
		write_reset(t, segment);
	} else if (t->state == TCP_CLOSED) {
		return false;
	} else if (syn_due(t)) {
		write_syn(t, segment);
	} else if (next_piece(t, &length, &fin)) {
		write_ack(t, segment);
		segment->flags |= (length ? TCP_PSH : 0) | (fin ? TCP_FIN : 0);
		*payload = reader_of(t->buffer + (t->snd_nxt - t->base), length);
	} else if (t->ack_due || window_opens(t)) {
		write_ack(t, segment);
		if (t->sack)
			tcp_report_ranges(t, segment);
	} else {
		return false;
	}
	if (segment->stamped)
		segment->stamp = tcp_stamp(t, now);
	return true;
}

void tcp_client_sent(struct tcp_client *t, const struct tcp *segment, size_t length, uint64_t now)
{
	uint32_t end = segment->sequence + (uint32_t)length +
		       (segment->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);

	t->count.segments++;
	if (segment->flags & TCP_RST) {
		t->reset_due = false;
		return;
	}
	if (segment->flags & TCP_ACK) {
		uint32_t edge = t->rcv_nxt + ((uint32_t)segment->window << t->rcv_scale);

		if (tcp_before(t->rcv_edge, edge))
			t->rcv_edge = edge;
		t->last_ack_sent = segment->acknowledgment;
		t->ack_due = t->urgent = false;
		t->count.acks++;
	}
	if (end == segment->sequence)
		return;
	t->snd_nxt = end;
	if (tcp_before(t->snd_max, end)) {
		if (!t->measuring && t->tries == 0) {
			t->measuring = true;
			t->timed = end;
			t->timed_at = now;
		}
		t->snd_max = end;
	}
	tcp_keep_timer(t, now);
}

bool tcp_client_urgent(const struct tcp_client *t)
{
	return t->urgent && t->ack_due && t->state != TCP_CLOSED;
}

bool tcp_client_may_wait(const struct tcp_client *t)
{
	uint32_t waiting = t->rcv_nxt - t->last_ack_sent, most = (uint32_t)ACK_SEGMENTS * t->cfg.mss;

	if (most > (t->rcv_nxt - t->irs) / 8) // a peer's slow start may count ACKs
		most = (t->rcv_nxt - t->irs) / 8;

	return t->state == TCP_ESTABLISHED && t->ack_due && !t->urgent && !t->reset_due && !t->length &&
	       !t->range_count && waiting && waiting < most && t->rcv_edge - t->rcv_nxt > most;
}

uint64_t tcp_client_deadline(const struct tcp_client *t)
{
	uint64_t end = patience_end(t);
	size_t length;
	bool fin;

	if (t->state == TCP_CLOSED)
		return t->reset_due ? 0 : DEADLINE_NEVER;
	if (t->reset_due || t->ack_due || syn_due(t) || next_piece(t, &length, &fin) ||
		window_opens(t))
		return 0;
	return t->timer && t->timer < end ? t->timer : end;
}

enum machine_status tcp_client_status(const struct tcp_client *t)
{
	if (t->stream.state == STREAM_FAILED)
		return MACHINE_FAILED;
	return t->stream.state == STREAM_CLOSED ? MACHINE_DONE : MACHINE_RUNNING;
}
