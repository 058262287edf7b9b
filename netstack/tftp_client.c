// SPDX-License-Identifier: BSD-2-Clause
// TFTP client machine; its rules stand in the header.
//
// Block numbers: `last` is the number of the newest block in order, as on the wire. A DATA packet is
// judged by its distance from there, modulo 2^16: the next one, one further on in the window (a gap),
// or an old one. Windows are those of RFC 7440: the ACK of the last block in order moves the server
// to the block after it, whatever it has sent meanwhile.
#include "netstack/tftp_client.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"
#include "netstack/wire/tftp.h"

enum {
	PATIENCE = 15000,  // ms
	RTO_FIRST = 500,   // ms before anything is measured
	RTO_MIN = 100,     // ms; two ticks of a BIOS clock
	RTO_MAX = 2000,    // ms; within PATIENCE several questions find a way through a bad link
	BLKSIZE_PLAIN = 512,
	ANSWERS_MAX = 8,   // to strangers, and after the end
	AHEAD_EVERY = 16,  // blocks in order, for each ACK ahead more
	AHEAD_TIMEOUTS = 4, // then no more ACKs ahead
};

static void ask(struct tftp_client *t, uint64_t now)
{
	t->answered = t->lost = t->rolls_to_one = false;
	t->request_due = true;
	t->size = SINK_SIZE_UNKNOWN;
	t->received = t->block = t->full = t->acked = t->furthest = 0;
	t->last = t->in_window = 0;
	t->tries = 0;
	t->rtt = rtt_of(RTO_FIRST, RTO_MIN, RTO_MAX);
	t->progress = now;
	t->next = now + t->rtt.rto;
}

void tftp_client_start(struct tftp_client *t, const struct tftp_client_config *cfg, uint64_t now)
{
	size_t length = strlen(cfg->file);

	memset(t, 0, sizeof *t);
	t->cfg = *cfg;
	if (!t->cfg.server.port)
		t->cfg.server.port = TFTP_PORT;
	if (!t->cfg.blksize)
		t->cfg.blksize = TFTP_BLKSIZE;
	if (!t->cfg.windowsize)
		t->cfg.windowsize = cfg->path ? tftp_path_window(cfg->path) : TFTP_WINDOWSIZE;
	if (t->cfg.windowsize > TFTP_WINDOW_MAX)
		t->cfg.windowsize = TFTP_WINDOW_MAX;
	t->ahead = t->cfg.ahead < TFTP_AHEAD_MAX ? t->cfg.ahead : TFTP_AHEAD_MAX;
	if (!t->cfg.patience)
		t->cfg.patience = PATIENCE;
	t->started = now;
	ask(t, now);
	if (length >= sizeof t->file) {
		fault_set(&t->fault, FAULT_TFTP_NOT_FOUND, "\"%.100s...\" (a name of %zu characters, %d at most)",
			cfg->file, length, TFTP_NAME - 1);
		t->request_due = false;
		t->status = MACHINE_FAILED;
		return;
	}
	memcpy(t->file, cfg->file, length + 1);
	t->cfg.file = t->file;
}

// File names are cut at 100 characters in a fault, so that the other facts find room.

// Ends the transfer with t->fault; the server, if it is known, is told to stop.
static void fail(struct tftp_client *t, uint16_t code, const char *text)
{
	t->status = MACHINE_FAILED;
	t->request_due = t->ack_due = false;
	t->error_due = t->answered;
	t->error_code = code;
	t->error_text = text;
	t->tries = 0;
}

static const char *server_name(const struct tftp_client *t, char *to)
{
	return ipaddr_format(&t->cfg.server.addr, to);
}

static void fail_protocol(struct tftp_client *t, const char *how)
{
	char name[IPADDR_TEXT];

	fault_set(&t->fault, FAULT_TFTP_PROTOCOL, "(%s sent %s for \"%.100s\")", server_name(t, name), how,
		t->file);
	fail(t, TFTP_ILLEGAL_OPERATION, how);
}

static void fail_size(struct tftp_client *t, bool more)
{
	char name[IPADDR_TEXT];

	fault_set(&t->fault, FAULT_FILE_SIZE, "(\"%.100s\" from %s: %llu bytes announced, %s%llu came)",
		t->file, server_name(t, name), (unsigned long long)t->size,
		more ? "more than " : "", (unsigned long long)t->received);
	fail(t, TFTP_UNDEFINED, "not the size announced");
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
	ask(t, now);
}

// A block whose ACK is out already has not come, and will not.
static void start_over(struct tftp_client *t, uint64_t now)
{
	t->ahead = t->count.restarts++ ? 0 : t->ahead >> 1;
	t->stranger = t->refused_port = t->peer.port;
	ask(t, now);
}

// The newest block that may be acknowledged now.
static uint64_t ack_limit(const struct tftp_client *t)
{
	uint64_t limit = t->block + t->ahead;

	if (t->windowsize > 1 || t->size == SINK_SIZE_UNKNOWN)
		return t->block;
	if (limit > t->block + t->block / AHEAD_EVERY)
		limit = t->block + t->block / AHEAD_EVERY;
	if (limit > t->block + (UINT16_MAX - t->last))
		limit = t->block + (UINT16_MAX - t->last);
	if (limit > t->full)
		limit = t->full;
	return limit > t->block ? limit : t->block;
}

static bool begin(struct tftp_client *t)
{
	if (!t->cfg.sink->ops->begin(t->cfg.sink, t->size, &t->fault)) {
		fail(t, TFTP_DISK_FULL, "no room for the file");
		return false;
	}
	return true;
}

// Only the size was wanted, and it is known now, or known not to be told.
static void size_known(struct tftp_client *t, uint16_t code)
{
	t->status = MACHINE_DONE;
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
		fail_protocol(t, "options not asked for");
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

static void learn(struct tftp_client *t, bool stalled)
{
	if (t->cfg.path && t->answered && !t->cfg.size_only)
		tftp_path_learn(t->cfg.path, t->windowsize, t->block, t->count.gaps + t->count.timeouts,
			stalled);
}

// A short block is the last one; its ACK is due even if the bytes are not what was hoped for.
static void complete(struct tftp_client *t)
{
	if (t->size != SINK_SIZE_UNKNOWN && t->received != t->size)
		fail_size(t, false);
	else if (!t->cfg.sink->ops->commit(t->cfg.sink, t->received, &t->fault))
		fail(t, TFTP_UNDEFINED, "not the file hoped for");
	else
		t->status = MACHINE_DONE;
	t->error_due = false;
	t->ack_due = true;
	learn(t, false);
}

// The next block in order.
static void deliver(struct tftp_client *t, const struct tftp_packet *p, uint64_t now)
{
	size_t length = reader_left(&p->data);

	if (t->size != SINK_SIZE_UNKNOWN && length > t->size - t->received) {
		fail_size(t, true);
		return;
	}
	if (length && !t->cfg.sink->ops->write(t->cfg.sink, t->received, p->data.at, length, &t->fault)) {
		fail(t, TFTP_DISK_FULL, "the bytes cannot be kept");
		return;
	}
	progressed(t, now);
	t->received += length;
	t->block++;
	t->last = p->block;
	t->in_window++;
	if (length < t->blksize)
		complete(t);
	else if (t->in_window >= t->windowsize)
		t->ack_due = t->acked < ack_limit(t);
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
		fail_protocol(t, "a block longer than agreed");
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
	t->next = now + RTO_MIN;
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
		"\"%.100s\" (%s says: %u %s)", t->file, server_name(t, name), code, words);
	fail(t, 0, NULL);
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

void tftp_client_unreachable(struct tftp_client *t, const struct endpoint *peer,
	const struct fault *why, uint64_t now)
{
	(void)now;
	if (t->status != MACHINE_RUNNING || t->answered)
		return;
	if (why->id == FAULT_PORT_CLOSED && peer->port != t->cfg.server.port)
		return;
	t->fault = *why;
	fail(t, 0, NULL);
}

static void give_up(struct tftp_client *t, uint64_t now)
{
	char name[IPADDR_TEXT];

	if (t->insists && !t->answered) {
		fail_protocol(t, "options, asked for none");
		return;
	}
	learn(t, true);
	server_name(t, name);
	if (t->block)
		fault_set(&t->fault, FAULT_TFTP_STALLED, "(\"%.100s\" from %s: nothing new for %u s after %llu bytes)",
			t->file, name, (uint32_t)(now - t->progress) / 1000,
			(unsigned long long)t->received);
	else
		fault_set(&t->fault, FAULT_TFTP_SILENT, "(%s was asked for \"%.100s\" %u times in %u s)", name,
			t->file, t->tries + 1, (uint32_t)(now - t->progress) / 1000);
	fail(t, TFTP_UNDEFINED, "gave up waiting");
}

static void check_time(struct tftp_client *t, uint64_t now)
{
	if (now - t->progress >= t->cfg.patience) {
		give_up(t, now);
	} else if (now >= t->next && !t->ack_due && !t->request_due) {
		t->tries++;
		t->count.timeouts++;
		rtt_back_off(&t->rtt);
		t->in_window = 0;
		t->lost = false;
		if (t->block && t->acked >= t->block)
			t->acked = t->block - 1;
		if (t->count.timeouts >= AHEAD_TIMEOUTS)
			t->ahead = 0;
		t->request_due = !t->answered;
		t->ack_due = t->answered;
	}
}

static void write_request(const struct tftp_client *t, struct writer *packet)
{
	struct tftp_options o = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE,
		.blksize = t->cfg.blksize,
		.windowsize = t->cfg.windowsize,
	};

	if (t->cfg.windowsize > 1)
		o.has |= TFTP_HAS_WINDOWSIZE;
	tftp_write_request(packet, TFTP_RRQ, t->file, "octet", t->plain ? NULL : &o);
}

// The newest block; where that has been acknowledged, the next of those to come.
static void write_ack(struct tftp_client *t, struct writer *packet)
{
	uint64_t limit = ack_limit(t);

	if (t->acked < t->block)
		t->acked = t->block;
	else if (t->acked < limit)
		t->acked++;
	if (t->furthest < t->acked)
		t->furthest = t->acked;
	t->ack_due = t->acked < limit;
	tftp_write_ack(packet, (uint16_t)(t->last + (t->acked - t->block)));
}

bool tftp_client_output(struct tftp_client *t, struct writer *packet, struct endpoint *to, uint64_t now)
{
	if (t->status == MACHINE_RUNNING)
		check_time(t, now);
	*to = t->cfg.server;
	if (t->stranger) {
		to->port = t->stranger;
		t->stranger = 0;
		tftp_write_error(packet, TFTP_UNKNOWN_TID, "this transfer has another partner");
		return !packet->failed;
	}
	if (!t->request_due || t->error_due)
		*to = t->peer;
	if (t->error_due) {
		t->error_due = false;
		tftp_write_error(packet, t->error_code, t->error_text);
		return !packet->failed;
	}
	if (!t->ack_due && !t->request_due)
		return false;
	if (t->request_due) {
		write_request(t, packet);
		t->asked += !t->plain;
	} else {
		write_ack(t, packet);
	}
	t->request_due = false;
	if (t->in_window >= t->windowsize)
		t->in_window = 0;
	t->sent = now;
	t->measuring = t->tries == 0;
	t->useless = 0;
	t->next = now + t->rtt.rto;
	return !packet->failed;
}

uint64_t tftp_client_deadline(const struct tftp_client *t)
{
	uint64_t end = t->progress + t->cfg.patience;

	if (t->stranger || t->error_due || t->ack_due || t->request_due)
		return 0;
	if (t->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	return t->next < end ? t->next : end;
}

enum machine_status tftp_client_status(const struct tftp_client *t)
{
	return t->status;
}
