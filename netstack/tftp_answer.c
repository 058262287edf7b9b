// SPDX-License-Identifier: BSD-2-Clause
// What the TFTP client machine makes of the server's packets: OACK, DATA and ERROR, from whom they
// may come, and what of the file is there already.
//
// A DATA packet is judged by its distance from the newest block in order, modulo 2^16: the next
// one, one further on in the window (a gap), or an old one.
//
// The sink may hold the beginning of the file already: `kept` bytes, from an earlier try on this or
// on another server, or from before a restart. TFTP knows no offsets, so these bytes come once
// more. They are compared, not written; one that differs ends the try, and so does another size.
#include "netstack/tftp_parts.h"
#include "netstack/base/text.h"

enum {
	BLKSIZE_PLAIN = 512,
	ANSWERS_MAX = 8, // to strangers, and after the end
};

static void fail_size(struct tftp_client *t, bool more)
{
	char name[IPADDR_TEXT];

	fault_set(&t->fault, FAULT_FILE_SIZE, "(\"%.100s\" from %s: %llu bytes announced, %s%llu came)",
		t->file, tftp_server_name(t, name), (unsigned long long)t->announced,
		more ? "more than " : "", (unsigned long long)t->received);
	t->kept = 0;
	tftp_fail(t, TFTP_UNDEFINED, "not the size announced");
}

// What is in the sink is of no use with this file.
static bool fail_differs(struct tftp_client *t, const char *how, uint64_t number)
{
	char name[IPADDR_TEXT];

	fault_set(&t->fault, FAULT_FILE_DIFFERS, "(\"%.100s\" from %s: %s %llu)", t->file,
		tftp_server_name(t, name), how, (unsigned long long)number);
	t->kept = 0;
	tftp_fail(t, TFTP_UNDEFINED, "another file than before");
	return false;
}

// Something that moves the transfer on has come.
static void progressed(struct tftp_client *t, uint64_t now)
{
	if (t->measuring)
		rtt_measured(&t->rtt, (uint32_t)(now - t->sent));
	t->measuring = t->lost = false;
	t->useless = 0;
	t->tries = 0;
	t->progress = now;
	t->next = now + t->rtt.rto;
}

// The first answer: from now on its sender is the only one heard.
static void meet(struct tftp_client *t, uint16_t port, uint64_t now)
{
	t->answered = true;
	t->request_due = false;
	t->peer = t->cfg.server;
	t->peer.port = port;
	t->blksize = BLKSIZE_PLAIN;
	t->windowsize = 1;
	progressed(t, now);
}

// The options were answered by something unacceptable: once more, without them.
static void ask_plainly(struct tftp_client *t, uint16_t port, uint64_t now)
{
	t->refused_port = port;
	t->plain = true;
	fault_clear(&t->fault);
	tftp_ask(t, now);
}

// A block whose ACK is out already has not come, and will not.
static void start_over(struct tftp_client *t, uint64_t now)
{
	t->ahead = t->count.restarts++ ? 0 : t->ahead >> 1;
	t->stranger = t->refused_port = t->peer.port;
	tftp_ask(t, now);
}

// A sink that holds the beginning of the file already is not begun again.
static bool begin(struct tftp_client *t)
{
	if (t->kept && t->announced != SINK_SIZE_UNKNOWN)
		return t->size == SINK_SIZE_UNKNOWN || t->size == t->announced ||
		       fail_differs(t, "its size is now", t->size);
	t->announced = t->size;
	if (t->kept)
		return true;
	if (!t->cfg.sink->ops->begin(t->cfg.sink, t->size, &t->fault)) {
		tftp_fail(t, TFTP_DISK_FULL, "no room for the file");
		return false;
	}
	return true;
}

// Only the size was wanted, and it is known now, or known not to be told.
static void size_known(struct tftp_client *t, uint16_t code)
{
	t->status = MACHINE_DONE;
	t->announced = t->size;
	t->error_due = true;
	t->error_code = code;
	t->error_text = "only the size was wanted";
}

static bool acceptable(const struct tftp_client *t, const struct tftp_options *o)
{
	if (o->bad || o->unknown || o->has & TFTP_HAS_TIMEOUT)
		return false;
	if (o->has & TFTP_HAS_BLKSIZE && o->blksize > t->cfg.blksize)
		return false;
	return !(o->has & TFTP_HAS_WINDOWSIZE) ||
	       (o->windowsize <= t->cfg.windowsize && t->cfg.windowsize > 1);
}

static void refuse_stranger(struct tftp_client *t, uint16_t port)
{
	if (++t->count.strangers <= ANSWERS_MAX)
		t->stranger = port;
}

static void oack_input(struct tftp_client *t, const struct tftp_options *o, uint16_t port, uint64_t now)
{
	if (t->answered) {
		t->count.duplicates++;
		return;
	}
	if (t->plain) { // the request before may have been sent or heard twice
		t->insists = true;
		refuse_stranger(t, port);
		return;
	}
	meet(t, port, now);
	if (!acceptable(t, o)) {
		tftp_fail_protocol(t, "options not asked for");
		t->error_code = TFTP_OPTION_REFUSED;
		t->status = MACHINE_RUNNING;
		ask_plainly(t, port, now);
		return;
	}
	if (o->has & TFTP_HAS_BLKSIZE)
		t->blksize = (uint16_t)o->blksize;
	if (o->has & TFTP_HAS_WINDOWSIZE)
		t->windowsize = (uint16_t)o->windowsize;
	if (o->has & TFTP_HAS_TSIZE && o->tsize)
		t->size = o->tsize;
	if (t->size != SINK_SIZE_UNKNOWN)
		t->full = divide_u64(t->size, t->blksize, NULL);
	if (t->cfg.size_only)
		size_known(t, TFTP_OPTION_REFUSED);
	else
		t->ack_due = begin(t);
}

// A short block is the last one; its ACK is due even if the bytes are not what was hoped for.
static void complete(struct tftp_client *t)
{
	if (t->received < t->kept)
		fail_differs(t, "its size is now", t->received);
	else if (t->announced != SINK_SIZE_UNKNOWN && t->received != t->announced)
		fail_size(t, false);
	else if (!t->cfg.sink->ops->commit(t->cfg.sink, t->received, &t->fault))
		tftp_fail(t, TFTP_UNDEFINED, "not the file hoped for");
	else
		t->status = MACHINE_DONE;
	t->error_due = false;
	t->ack_due = true;
	tftp_learn(t, false);
}

// The next bytes in order: those that are there already must be the same, the others are written.
static bool keep(struct tftp_client *t, const uint8_t *bytes, size_t length)
{
	const struct sink_ops *sink = t->cfg.sink->ops;
	uint64_t there = t->kept > t->received ? t->kept - t->received : 0;
	size_t same = length < there ? length : (size_t)there;

	if (same && !sink->same(t->cfg.sink, t->received, bytes, same))
		return fail_differs(t, "it has other bytes behind byte", t->received);
	if (length > same &&
		!sink->write(t->cfg.sink, t->received + same, bytes + same, length - same, &t->fault)) {
		tftp_fail(t, TFTP_DISK_FULL, "the bytes cannot be kept");
		return false;
	}
	t->received += length;
	if (t->kept < t->received)
		t->kept = t->received;
	return true;
}

// The next block in order.
static void deliver(struct tftp_client *t, const struct tftp_packet *p, uint64_t now)
{
	size_t length = reader_left(&p->data);

	if (t->announced != SINK_SIZE_UNKNOWN && length > t->announced - t->received) {
		fail_size(t, true);
		return;
	}
	if (!keep(t, p->data.at, length))
		return;
	progressed(t, now);
	t->block++;
	t->last = p->block;
	t->in_window++;
	if (length < t->blksize)
		complete(t);
	else if (t->in_window >= t->windowsize)
		t->ack_due = t->acked < tftp_ack_limit(t);
}

// A packet that brings nothing new shows that the link is alive: within one window's worth of them
// the timer waits on, so that a slow link is not asked again for what it is still carrying.
static void useless(struct tftp_client *t, uint64_t now)
{
	if (++t->useless < t->windowsize)
		t->next = now + t->rtt.rto;
}

static void data_input(struct tftp_client *t, const struct tftp_packet *p, uint16_t port, uint64_t now)
{
	uint16_t ahead;

	if (!t->answered) {
		if (p->block != 1)
			return;
		meet(t, port, now);
		if (t->cfg.size_only)
			size_known(t, TFTP_UNDEFINED);
		else
			begin(t);
		if (t->status != MACHINE_RUNNING)
			return;
	}
	ahead = (uint16_t)(p->block - t->last - 1);
	if (t->last == UINT16_MAX && p->block == 1 && t->windowsize == 1)
		ahead = 0;
	if (reader_left(&p->data) > t->blksize) {
		tftp_fail_protocol(t, "a block longer than agreed");
	} else if (ahead == 0) {
		deliver(t, p, now);
	} else if (t->windowsize == 1 && t->block + ahead <= t->furthest) {
		start_over(t, now);
	} else if (ahead < t->windowsize && !t->lost) {
		t->count.gaps++;
		t->lost = t->ack_due = true;
		t->in_window = 0;
	} else {
		t->count.duplicates += ahead >= t->windowsize;
		useless(t, now);
	}
}

// Whether an error is, or may be, the answer to a request with options: each of them may have come
// twice, and so may its answer. After that an error is about the request without options, which is
// repeated in between.
static bool refuses_options(struct tftp_client *t, uint16_t code, uint64_t now)
{
	if (code != TFTP_UNDEFINED && code != TFTP_ILLEGAL_OPERATION && code != TFTP_OPTION_REFUSED)
		return false;
	if (!t->plain)
		return true;
	t->next = now + TFTP_RTO_MIN;
	return t->doubts++ < 2 * t->asked + 1;
}

static void error_input(struct tftp_client *t, const struct tftp_packet *p, uint16_t port, uint64_t now)
{
	char words[96], name[IPADDR_TEXT];
	struct text text = text_of(words, sizeof words);
	uint16_t code = p->error_code;

	if (!t->answered && refuses_options(t, code, now)) {
		if (!t->plain)
			ask_plainly(t, port, now);
		return;
	}
	if (t->furthest > t->block) { // perhaps for an ACK that came too early
		start_over(t, now);
		return;
	}
	text_foreign(&text, p->text.at, reader_left(&p->text));
	fault_set(&t->fault,
		code == TFTP_FILE_NOT_FOUND     ? FAULT_TFTP_NOT_FOUND
		: code == TFTP_ACCESS_VIOLATION ? FAULT_TFTP_ACCESS
						: FAULT_TFTP_ERROR,
		"\"%.100s\" (%s says: %u %s)", t->file, tftp_server_name(t, name), code, words);
	tftp_fail(t, 0, NULL);
	t->error_due = false;
}

// The transfer has ended, and its peer has not heard so.
static void late_input(struct tftp_client *t, const struct tftp_packet *p)
{
	if (t->tries++ >= ANSWERS_MAX)
		return;
	if (t->status == MACHINE_FAILED || t->cfg.size_only)
		t->error_due = t->error_text != NULL;
	else
		t->ack_due = p->opcode == TFTP_DATA && p->block == t->last;
}

void tftp_client_input(struct tftp_client *t, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct tftp_packet p;
	bool foreign = t->answered ? from->port != t->peer.port
				   : from->port == t->refused_port && from->port != t->cfg.server.port;

	if (!ipaddr_equal(&from->addr, &t->cfg.server.addr) || !tftp_read(&p, packet, length))
		return;
	if (p.opcode != TFTP_DATA && p.opcode != TFTP_OACK && p.opcode != TFTP_ERROR)
		return;
	if (foreign) {
		if (p.opcode != TFTP_ERROR)
			refuse_stranger(t, from->port);
	} else if (t->status != MACHINE_RUNNING) {
		if (p.opcode != TFTP_ERROR && t->answered)
			late_input(t, &p);
	} else if (p.opcode == TFTP_OACK) {
		oack_input(t, &p.options, from->port, now);
	} else if (p.opcode == TFTP_DATA) {
		data_input(t, &p, from->port, now);
	} else {
		error_input(t, &p, from->port, now);
	}
}
