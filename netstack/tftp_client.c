// SPDX-License-Identifier: BSD-2-Clause
// TFTP client machine: its life, the clock, and what is sent. What the server's packets mean is in
// tftp_answer.c; the rules stand in the header.
//
// Block numbers: `last` is the number of the newest block in order, as on the wire. Windows are
// those of RFC 7440: the ACK of the last block in order moves the server to the block after it,
// whatever it has sent meanwhile.
//
// File names are cut at 100 characters in a fault, so that the other facts find room.
#include "netstack/tftp_parts.h"
#include "netstack/base/memory.h"

enum {
	PATIENCE = 15000,  // ms
	RTO_FIRST = 500,   // ms before anything is measured
	RTO_MAX = 2000,    // ms; within PATIENCE several questions find a way through a bad link
	AHEAD_EVERY = 16,  // blocks in order, for each ACK ahead more
	AHEAD_TIMEOUTS = 4, // then no more ACKs ahead
};

void tftp_ask(struct tftp_client *t, uint64_t now)
{
	t->answered = t->lost = t->rolls_to_one = false;
	t->request_due = true;
	t->size = SINK_SIZE_UNKNOWN;
	t->received = t->block = t->full = t->acked = t->furthest = 0;
	t->last = t->in_window = 0;
	t->tries = 0;
	t->rtt = rtt_of(RTO_FIRST, TFTP_RTO_MIN, RTO_MAX);
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
	t->kept = cfg->kept;
	t->announced = cfg->kept ? cfg->size : SINK_SIZE_UNKNOWN;
	tftp_ask(t, now);
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

void tftp_fail(struct tftp_client *t, uint16_t code, const char *text)
{
	t->status = MACHINE_FAILED;
	t->request_due = t->ack_due = false;
	t->error_due = t->answered;
	t->error_code = code;
	t->error_text = text;
	t->tries = 0;
}

const char *tftp_server_name(const struct tftp_client *t, char *to)
{
	return ipaddr_format(&t->cfg.server.addr, to);
}

void tftp_fail_protocol(struct tftp_client *t, const char *how)
{
	char name[IPADDR_TEXT];

	fault_set(&t->fault, FAULT_TFTP_PROTOCOL, "(%s sent %s for \"%.100s\")", tftp_server_name(t, name), how,
		t->file);
	tftp_fail(t, TFTP_ILLEGAL_OPERATION, how);
}

uint64_t tftp_ack_limit(const struct tftp_client *t)
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

void tftp_learn(struct tftp_client *t, bool stalled)
{
	if (t->cfg.path && t->answered && !t->cfg.size_only)
		tftp_path_learn(t->cfg.path, t->windowsize, t->block, t->count.gaps + t->count.timeouts,
			stalled);
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
	tftp_fail(t, 0, NULL);
}

static void give_up(struct tftp_client *t, uint64_t now)
{
	char name[IPADDR_TEXT];

	if (t->insists && !t->answered) {
		tftp_fail_protocol(t, "options, asked for none");
		return;
	}
	tftp_learn(t, true);
	tftp_server_name(t, name);
	if (t->block)
		fault_set(&t->fault, FAULT_TFTP_STALLED, "(\"%.100s\" from %s: nothing new for %u s after %llu bytes)",
			t->file, name, (uint32_t)(now - t->progress) / 1000,
			(unsigned long long)t->received);
	else
		fault_set(&t->fault, FAULT_TFTP_SILENT, "(%s was asked for \"%.100s\" %u times in %u s)", name,
			t->file, t->tries + 1, (uint32_t)(now - t->progress) / 1000);
	tftp_fail(t, TFTP_UNDEFINED, "gave up waiting");
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
	uint64_t limit = tftp_ack_limit(t);

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
