// SPDX-License-Identifier: BSD-2-Clause
// TFTP server session; its rules stand in the header.
//
// Blocks are counted from 1 in 64 bits; on the wire only the low 16 bits are seen, so that 65535 is
// followed by 0. Block n holds the bytes from (n - 1) * blksize; the last block is the first one that
// is not full, perhaps empty. acked <= sent <= sent_most <= acked + windowsize.
#include "server-stub/machine/tftp_server.h"
#include "netstack/base/memory.h"
#include "netstack/wire/tftp.h"

enum {
	PATIENCE = 15000,
	RTO_FIRST = 500,
	RTO_MIN = 100,
	RTO_MAX = 5000,
	BLKSIZE_DEFAULT = 512,
	BLKSIZE_ETHERNET = 1468,
};

static void fail(struct tftp_server *s, enum fault_id id, const char *how)
{
	char client[IPADDR_TEXT];

	fault_set(&s->fault, id, "(\"%s\" for %s: %s)", s->file, ipaddr_format(&s->peer.addr, client), how);
	s->status = MACHINE_FAILED;
	s->oack_due = false;
}

static void refuse(struct tftp_server *s, enum fault_id id, uint16_t code, const char *text)
{
	fail(s, id, text);
	s->error_due = true;
	s->error_code = code;
	s->error_text = text;
}

static void grant(struct tftp_server *s, const struct tftp_options *o)
{
	s->blksize = BLKSIZE_DEFAULT;
	s->windowsize = 1;
	s->options = o->has & (TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE | TFTP_HAS_WINDOWSIZE);
	if (s->options & TFTP_HAS_BLKSIZE)
		s->blksize = (uint16_t)(o->blksize < s->cfg.blksize_max ? o->blksize : s->cfg.blksize_max);
	if (s->options & TFTP_HAS_WINDOWSIZE)
		s->windowsize = (uint16_t)(o->windowsize < s->cfg.windowsize_max ? o->windowsize
										  : s->cfg.windowsize_max);
	s->oack_due = s->options != 0;
	s->opened = !s->oack_due;
}

void tftp_server_start(struct tftp_server *s, const struct tftp_server_config *cfg,
	const void *request, size_t length, const struct endpoint *from, uint64_t now)
{
	struct tftp_packet p;
	struct text shown;
	const char *text = NULL;
	uint16_t code = TFTP_FILE_NOT_FOUND;

	memset(s, 0, sizeof *s);
	s->cfg = *cfg;
	s->cfg.blksize_max = cfg->blksize_max ? cfg->blksize_max : BLKSIZE_ETHERNET;
	s->cfg.windowsize_max = cfg->windowsize_max ? cfg->windowsize_max : TFTP_SERVER_WINDOW_MAX;
	s->cfg.patience = cfg->patience ? cfg->patience : PATIENCE;
	s->peer = *from;
	s->rtt = rtt_of(RTO_FIRST, RTO_MIN, RTO_MAX);
	s->progress = s->next = now;
	if (!tftp_read(&p, request, length) || (p.opcode != TFTP_RRQ && p.opcode != TFTP_WRQ)) {
		refuse(s, FAULT_TFTP_PROTOCOL, TFTP_ILLEGAL_OPERATION, "not a request");
		return;
	}
	shown = text_of(s->file, sizeof s->file);
	text_foreign(&shown, p.file, strlen(p.file));
	if (p.opcode == TFTP_WRQ)
		refuse(s, FAULT_TFTP_ACCESS, TFTP_ACCESS_VIOLATION, "this server only gives files out");
	else if (!text_same(p.mode, "octet"))
		refuse(s, FAULT_TFTP_PROTOCOL, TFTP_UNDEFINED, "only octet mode is served");
	else if (!cfg->open(cfg->owner, p.file, &s->size, &code, &text))
		refuse(s, FAULT_TFTP_NOT_FOUND, code, text ? text : "no such file");
	else
		grant(s, &p.options);
}

static uint64_t block_start(const struct tftp_server *s, uint64_t block)
{
	return (block - 1) * s->blksize;
}

// Whether this block exists: those before it are full.
static bool block_exists(const struct tftp_server *s, uint64_t block)
{
	return block_start(s, block) <= s->size;
}

static void progressed(struct tftp_server *s, uint64_t now)
{
	if (s->measuring)
		rtt_measured(&s->rtt, (uint32_t)(now - s->measured_from));
	s->measuring = s->timed_out = false;
	s->progress = now;
	s->next = now + s->rtt.rto;
}

// Goes on after the last acknowledged block.
static void rewind_window(struct tftp_server *s, uint64_t now)
{
	s->sent = s->acked;
	s->measuring = false;
	s->rewound = now;
}

// How long after a gap was answered the same ACK is a duplicate, or speaks of blocks sent before.
static uint32_t gap_pause(const struct tftp_server *s)
{
	uint32_t round_trip = s->rtt.srtt8 >> 3;

	return round_trip > RTO_MIN / 2 ? round_trip : RTO_MIN / 2;
}

static void ack_input(struct tftp_server *s, uint16_t block, uint64_t now)
{
	uint16_t ahead = (uint16_t)(block - (uint16_t)s->acked);

	if (!s->opened) {
		if (block == 0) {
			s->opened = true;
			progressed(s, now);
		}
		return;
	}
	if (ahead > s->sent_most - s->acked)
		return;
	if (ahead > 0) {
		bool whole = s->acked + ahead == s->sent_most;

		s->acked += ahead;
		s->count.gaps += !whole;
		progressed(s, now);
		rewind_window(s, now);
		s->gap_answered = !whole;
		if (!block_exists(s, s->acked + 1))
			s->status = MACHINE_DONE;
	} else if (s->windowsize > 1 && s->sent > s->acked &&
		   (!s->gap_answered || now - s->rewound >= gap_pause(s))) {
		s->count.gaps++;
		s->gap_answered = true;
		rewind_window(s, now);
	}
}

void tftp_server_input(struct tftp_server *s, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct tftp_packet p;

	if (s->status != MACHINE_RUNNING || from->port != s->peer.port ||
		!ipaddr_equal(&from->addr, &s->peer.addr) || !tftp_read(&p, packet, length))
		return;
	if (p.opcode == TFTP_ACK) {
		ack_input(s, p.block, now);
	} else if (p.opcode == TFTP_ERROR) {
		fail(s, FAULT_TFTP_ERROR, "the client ended it");
		if (p.error_code == TFTP_OPTION_REFUSED)
			s->status = MACHINE_DONE;
	}
}

static void check_time(struct tftp_server *s, uint64_t now)
{
	if (now - s->progress >= s->cfg.patience) {
		fail(s, FAULT_TFTP_STALLED, "the client does not answer");
	} else if (now >= s->next && (s->sent > s->acked || (!s->opened && !s->oack_due))) {
		s->count.timeouts++;
		rtt_back_off(&s->rtt);
		s->oack_due = !s->opened;
		s->timed_out = true;
		s->gap_answered = false;
		rewind_window(s, now);
	}
}

static bool write_block(struct tftp_server *s, struct writer *packet, uint64_t block)
{
	uint64_t start = block_start(s, block);
	size_t length = s->size - start < s->blksize ? (size_t)(s->size - start) : s->blksize;
	uint8_t *data;

	tftp_write_data(packet, (uint16_t)block, NULL, 0);
	data = packet->at;
	write_zeros(packet, length);
	return packet->failed || length == 0 || s->cfg.read(s->cfg.owner, start, data, length);
}

// The next block of the window, if the window is open.
static bool next_block(struct tftp_server *s, struct writer *packet, uint64_t now)
{
	uint64_t block = s->sent + 1;

	if (s->sent >= s->acked + s->windowsize || !block_exists(s, block))
		return false;
	if (!write_block(s, packet, block)) {
		packet->at = packet->start;
		refuse(s, FAULT_FILE_SIZE, TFTP_UNDEFINED, "the file has changed or cannot be read");
		return false;
	}
	s->sent = block;
	if (block > s->sent_most)
		s->sent_most = block;
	// A round trip is from a window's first block to the next ACK: what the timer must wait.
	if (block == s->acked + 1) {
		s->measuring = !s->timed_out;
		s->measured_from = now;
	}
	s->next = now + s->rtt.rto;
	return !packet->failed;
}

bool tftp_server_output(struct tftp_server *s, struct writer *packet, struct endpoint *to, uint64_t now)
{
	*to = s->peer;
	if (s->status == MACHINE_RUNNING)
		check_time(s, now);
	if (s->status == MACHINE_RUNNING && s->oack_due) {
		struct tftp_options o = {
			.has = s->options,
			.blksize = s->blksize,
			.windowsize = s->windowsize,
			.tsize = s->size,
		};

		s->oack_due = false;
		s->measuring = s->count.timeouts == 0;
		s->measured_from = now;
		s->next = now + s->rtt.rto;
		tftp_write_oack(packet, &o);
		return !packet->failed;
	}
	if (s->status == MACHINE_RUNNING && s->opened && next_block(s, packet, now))
		return true;
	if (!s->error_due)
		return false;
	s->error_due = false;
	tftp_write_error(packet, s->error_code, s->error_text);
	return !packet->failed;
}

uint64_t tftp_server_deadline(const struct tftp_server *s)
{
	uint64_t end = s->progress + s->cfg.patience;

	if (s->error_due)
		return 0;
	if (s->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	if (s->oack_due ||
		(s->opened && s->sent < s->acked + s->windowsize && block_exists(s, s->sent + 1)))
		return 0;
	return s->next < end ? s->next : end;
}

enum machine_status tftp_server_status(const struct tftp_server *s)
{
	return s->status;
}
