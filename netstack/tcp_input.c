// SPDX-License-Identifier: BSD-2-Clause
// TCP client: what comes in (RFC 9293 section 3.10.7). In order: SYN and RST (RFC 5961), timestamps
// (RFC 7323 section 5), place in the window, acknowledgment (RFC 5961 section 5), data, FIN.
#include "netstack/base/memory.h"
#include "netstack/tcp_parts.h"

enum {
	CHALLENGES_MAX = 50,    // answers to segments out of place,
	CHALLENGES_TIME = 1000, // per ms
	DOUBLES_MAX = 3,        // what starts a peer's fast retransmission (RFC 5681)
	SCALE_MAX = 14,
	MSS_MIN = 64,
	MSS_DEFAULT = 536,      // RFC 9293 section 3.7.1
};

// Answers a segment that is not what it should be with an ACK that says how things stand.
static void challenge(struct tcp_client *t, uint64_t now)
{
	if (now - t->challenged >= CHALLENGES_TIME) {
		t->challenged = now;
		t->challenges = 0;
	}
	if (t->challenges++ >= CHALLENGES_MAX)
		return;
	t->count.challenges++;
	t->ack_due = true;
}

// ---- connecting

static void agree(struct tcp_client *t, const struct tcp *s)
{
	uint16_t theirs = s->mss ? s->mss : MSS_DEFAULT;

	if (theirs < MSS_MIN)
		theirs = MSS_MIN;
	t->snd_mss = theirs < t->cfg.mss ? theirs : t->cfg.mss;
	t->stamped = s->stamped;
	if (t->stamped)
		t->snd_mss -= TCP_TIMESTAMPS_LENGTH;
	t->sack = s->sack_permitted;
	if (s->scaled)
		t->snd_scale = s->scale < SCALE_MAX ? s->scale : SCALE_MAX;
	else
		t->rcv_scale = 0;
}

static void connected(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	uint32_t window = tcp_window(t);

	agree(t, s);
	t->irs = s->sequence;
	t->rcv_nxt = t->last_ack_sent = t->irs + 1;
	t->rcv_edge = t->rcv_nxt + (window < UINT16_MAX ? window : UINT16_MAX); // as the SYN said
	t->ts_recent = s->stamp;
	t->snd_una = t->snd_nxt = t->base;
	t->snd_wnd = t->snd_wnd_max = s->window; // not scaled in a SYN
	t->snd_wl1 = s->sequence;
	t->snd_wl2 = s->acknowledgment;
	if (t->measuring)
		rtt_measured(&t->rtt, (uint32_t)(now - t->timed_at));
	t->measuring = false;
	t->tries = 0;
	t->timer = 0;
	t->heard = t->acked = now;
	t->ack_due = true;
	t->state = t->closing ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
	tcp_change(t, STREAM_OPEN, now);
}

static void refused(struct tcp_client *t, uint64_t now)
{
	char peer[IPADDR_TEXT + 16];

	tcp_peer(t, peer, sizeof peer);
	fault_set(&t->stream.fault, FAULT_TCP_REFUSED, "(%s)", peer);
	tcp_fail(t, false, now);
}

static void syn_sent_input(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	if (!(s->flags & TCP_ACK))
		return;
	if (s->acknowledgment != t->base || t->snd_max != t->base) {
		if (s->flags & TCP_RST)
			return;
		t->reset_due = t->reset_plain = true; // of a connection that we know nothing about
		t->reset_sequence = s->acknowledgment;
	} else if (s->flags & TCP_RST) {
		refused(t, now);
	} else if (s->flags & TCP_SYN) {
		connected(t, s, now);
	}
}

// ---- connected

static uint32_t occupies(const struct tcp *s, size_t length)
{
	return (uint32_t)length + (s->flags & TCP_FIN ? 1 : 0);
}

// Whether some of the segment lies in the window (RFC 9293 section 3.4).
static bool in_window(const struct tcp_client *t, uint32_t sequence, uint32_t length)
{
	uint32_t window = t->rcv_edge - t->rcv_nxt, last = sequence + length - 1;

	if (length == 0)
		return sequence == t->rcv_nxt || sequence - t->rcv_nxt < window;
	return sequence - t->rcv_nxt < window || last - t->rcv_nxt < window;
}

static void reset_input(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	char peer[IPADDR_TEXT + 16];

	if (s->sequence != t->rcv_nxt) {
		if (in_window(t, s->sequence, 0))
			challenge(t, now);
		return;
	}
	if (t->state == TCP_TIME_WAIT)
		return;
	if (t->stream.state == STREAM_ENDED || (t->closing && !t->length && !t->awaited)) {
		t->state = TCP_CLOSED;
		tcp_change(t, STREAM_CLOSED, now);
		return;
	}
	tcp_peer(t, peer, sizeof peer);
	fault_set(&t->stream.fault, FAULT_TCP_RESET, "(%s, after %u bytes)", peer,
		t->rcv_nxt - t->irs - 1);
	tcp_fail(t, false, now);
}

// Whether the segment is of this connection and of now, as far as timestamps tell.
static bool stamp_good(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	if (!t->stamped)
		return true;
	if (!s->stamped)
		return false;
	if (!tcp_before(s->stamp, t->ts_recent))
		return true;
	challenge(t, now);
	return false;
}

// The ACK of something new.
static void acknowledged(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	uint32_t ack = s->acknowledgment, bytes = ack - t->base;

	if (bytes > t->length)
		bytes = (uint32_t)t->length; // and the FIN
	if (t->stamped && s->echo)
		rtt_measured(&t->rtt, tcp_stamp(t, now) - s->echo);
	else if (t->measuring && tcp_until(t->timed, ack))
		rtt_measured(&t->rtt, (uint32_t)(now - t->timed_at));
	if (tcp_until(t->timed, ack))
		t->measuring = false;
	t->length -= bytes;
	memmove(t->buffer, t->buffer + bytes, t->length);
	t->base += bytes;
	t->snd_una = ack;
	if (tcp_before(t->snd_nxt, ack))
		t->snd_nxt = ack;
	t->tries = 0;
	t->timer = 0;
	t->acked = now;
}

// False: an ACK of what was never sent, or of very long ago.
static bool ack_input(struct tcp_client *t, const struct tcp *s, uint64_t now)
{
	uint32_t ack = s->acknowledgment;
	bool closed;

	if (!(s->flags & TCP_ACK))
		return false;
	if (tcp_before(t->snd_max, ack) || tcp_before(ack, t->snd_una - t->snd_wnd_max)) {
		challenge(t, now);
		return false;
	}
	if (tcp_before(t->snd_una, ack))
		acknowledged(t, s, now);
	if (tcp_until(t->snd_una, ack) && (tcp_before(t->snd_wl1, s->sequence) ||
		(t->snd_wl1 == s->sequence && tcp_until(t->snd_wl2, ack)))) {
		closed = t->snd_wnd == 0;
		t->snd_wnd = (uint32_t)s->window << t->snd_scale;
		t->snd_wl1 = s->sequence;
		t->snd_wl2 = ack;
		if (t->snd_wnd_max < t->snd_wnd)
			t->snd_wnd_max = t->snd_wnd;
		if (closed && t->snd_wnd && t->probing) { // the byte sent as a probe was not taken
			t->snd_nxt = t->snd_una;
			t->probing = false;
			t->tries = 0;
		}
	}
	tcp_keep_timer(t, now);
	return true;
}

// Our FIN has been acknowledged, as far as we have sent one.
static void fin_acknowledged(struct tcp_client *t, uint64_t now)
{
	if (!t->closing || t->snd_una != t->base + (uint32_t)t->length + 1)
		return;
	if (t->state == TCP_FIN_WAIT_1) {
		t->state = TCP_FIN_WAIT_2;
	} else if (t->state == TCP_CLOSING || t->state == TCP_LAST_ACK) {
		t->state = t->state == TCP_CLOSING ? TCP_TIME_WAIT : TCP_CLOSED;
		tcp_change(t, STREAM_CLOSED, now);
	}
}

static void fin_input(struct tcp_client *t, uint64_t now)
{
	if (!t->fin_seen || t->rcv_nxt != t->fin_at || t->state == TCP_CLOSED)
		return;
	t->rcv_nxt++;
	t->ack_due = true;
	t->heard = now;
	if (t->state == TCP_FIN_WAIT_2) {
		t->state = TCP_TIME_WAIT;
		tcp_change(t, STREAM_CLOSED, now);
		return;
	}
	t->state = t->state == TCP_FIN_WAIT_1 ? TCP_CLOSING : TCP_CLOSE_WAIT;
	tcp_change(t, STREAM_ENDED, now);
}

static void data_input(struct tcp_client *t, const struct tcp *s, const struct reader *payload,
	uint64_t now)
{
	uint32_t end = s->sequence + (uint32_t)reader_left(payload), limit = t->rcv_edge;
	bool behind_gap = tcp_before(t->rcv_nxt, s->sequence);

	if (s->flags & TCP_FIN && !t->fin_seen && tcp_until(end, t->rcv_edge)) {
		t->fin_seen = true;
		t->fin_at = end;
	}
	if (t->fin_seen && tcp_before(t->fin_at, limit))
		limit = t->fin_at;
	if (tcp_before(limit, end))
		end = limit;
	t->ack_due = true;
	if (behind_gap && t->doubles < DOUBLES_MAX) {
		t->doubles++;
		t->urgent = true;
	}
	if (tcp_before(s->sequence, end))
		tcp_receive(t, s->sequence, payload->at, end - s->sequence, now);
}

static void connected_input(struct tcp_client *t, const struct tcp *s, const struct reader *payload,
	uint64_t now)
{
	uint32_t length = occupies(s, reader_left(payload));

	if (s->flags & TCP_RST) {
		reset_input(t, s, now);
		return;
	}
	if (s->flags & TCP_SYN) {
		challenge(t, now);
		return;
	}
	if (!stamp_good(t, s, now))
		return;
	if (!in_window(t, s->sequence, length)) {
		challenge(t, now);
		return;
	}
	if (!ack_input(t, s, now))
		return;
	if (t->stamped && tcp_until(s->sequence, t->last_ack_sent))
		t->ts_recent = s->stamp;
	fin_acknowledged(t, now);
	if (t->state == TCP_CLOSED || length == 0)
		return;
	data_input(t, s, payload, now);
	fin_input(t, now);
}

void tcp_client_input(struct tcp_client *t, const struct tcp *segment, const struct reader *payload,
	uint64_t now)
{
	if (t->state == TCP_SYN_SENT)
		syn_sent_input(t, segment, now);
	else if (t->state != TCP_CLOSED)
		connected_input(t, segment, payload, now);
}
