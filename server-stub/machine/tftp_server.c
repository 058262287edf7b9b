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
	PATIENCE_UNHEARD = 5000, // for a client that has not said anything but its request
	REPEATS_UNHEARD = 2,
	RTO_FIRST = 500,
	RTO_MIN = 100,
	RTO_MAX = 2000, // within PATIENCE several repetitions find a way through a bad network
	BLKSIZE_DEFAULT = 512,
	BLKSIZE_ETHERNET = 1468,
	CHUNK = 512, // of a file that is translated
};

static void fail(struct tftp_server *s, enum fault_id id, const char *how)
{
	char client[IPADDR_TEXT];
	struct text why = text_of(s->why, sizeof s->why);

	text_format(&why, "%s", how);
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
	s->options = o->has;
	if (s->netascii)
		s->options &= ~(unsigned)TFTP_HAS_TSIZE;
	if (s->options & TFTP_HAS_BLKSIZE)
		s->blksize = (uint16_t)(o->blksize < s->cfg.blksize_max ? o->blksize : s->cfg.blksize_max);
	if (s->options & TFTP_HAS_WINDOWSIZE)
		s->windowsize = (uint16_t)(o->windowsize < s->cfg.windowsize_max ? o->windowsize
										  : s->cfg.windowsize_max);
	if (s->cfg.window_bytes && (uint32_t)s->windowsize * s->blksize > s->cfg.window_bytes)
		s->windowsize = s->blksize < s->cfg.window_bytes
					? (uint16_t)(s->cfg.window_bytes / s->blksize)
					: 1;
	if (s->options & TFTP_HAS_TIMEOUT) {
		s->timeout = o->timeout;
		if (s->timeout * 1000 < s->rtt.most)
			s->rtt.most = s->timeout * 1000;
	}
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
	if (!cfg->windowsize_max || cfg->windowsize_max > TFTP_SERVER_WINDOW_MAX)
		s->cfg.windowsize_max = TFTP_SERVER_WINDOW_MAX;
	s->cfg.patience = cfg->patience ? cfg->patience : PATIENCE;
	s->peer = *from;
	s->rtt = rtt_of(RTO_FIRST, RTO_MIN, RTO_MAX);
	s->progress = s->next = s->emitted = now;
	s->last = UINT64_MAX;
	if (!tftp_read(&p, request, length) || (p.opcode != TFTP_RRQ && p.opcode != TFTP_WRQ)) {
		refuse(s, FAULT_TFTP_PROTOCOL, TFTP_ILLEGAL_OPERATION, "not a request");
		return;
	}
	shown = text_of(s->file, sizeof s->file);
	text_foreign(&shown, p.file, strlen(p.file));
	s->netascii = text_same(p.mode, "netascii");
	if (p.opcode == TFTP_WRQ)
		refuse(s, FAULT_TFTP_ACCESS, TFTP_ACCESS_VIOLATION, "this server only gives files out");
	else if (!s->netascii && !text_same(p.mode, "octet"))
		refuse(s, FAULT_TFTP_PROTOCOL, TFTP_UNDEFINED, "only octet and netascii are served");
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
	return s->netascii ? block <= s->last : block_start(s, block) <= s->size;
}

bool tftp_server_all_sent(const struct tftp_server *s)
{
	return s->sent_most > 0 && !block_exists(s, s->sent_most + 1);
}

static void progressed(struct tftp_server *s, uint64_t now)
{
	if (s->measuring)
		rtt_measured(&s->rtt, (uint32_t)(now - s->measured_from));
	s->measuring = s->timed_out = false;
	s->heard = true;
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

// Before it has taken any data, a client that ends with code 0 or 8 has only wanted the size: PXE ROMs
// do so before they ask once more.
static void error_input(struct tftp_server *s, const struct tftp_packet *p)
{
	char text[TFTP_SERVER_WHY];
	struct text how = text_of(text, sizeof text);

	text_format(&how, "%s", "the client ended it: ");
	text_foreign(&how, p->text.at, reader_left(&p->text));
	fail(s, FAULT_TFTP_ERROR, text);
	if (p->error_code == TFTP_OPTION_REFUSED || (p->error_code == TFTP_UNDEFINED && !s->opened))
		s->status = MACHINE_DONE;
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
		error_input(s, &p);
	}
}

void tftp_server_again(struct tftp_server *s, uint64_t now)
{
	if (s->status != MACHINE_RUNNING || s->heard || now - s->emitted < RTO_MIN)
		return;
	s->oack_due = !s->opened;
	s->timed_out = true;
	s->progress = now;
	rewind_window(s, now);
}

static uint64_t patience_end(const struct tftp_server *s)
{
	bool short_one = !s->heard && s->cfg.patience > PATIENCE_UNHEARD;

	return s->progress + (short_one ? PATIENCE_UNHEARD : s->cfg.patience);
}

// Whether something is on its way that will be sent again if it is not acknowledged.
static bool may_repeat(const struct tftp_server *s)
{
	if (!s->heard && s->count.timeouts >= REPEATS_UNHEARD)
		return false;
	return s->sent > s->acked || (!s->opened && !s->oack_due);
}

static void check_time(struct tftp_server *s, uint64_t now)
{
	if (now >= patience_end(s)) {
		fail(s, FAULT_TFTP_STALLED, "the client does not answer");
	} else if (now >= s->next && may_repeat(s)) {
		s->count.timeouts++;
		rtt_back_off(&s->rtt);
		s->oack_due = !s->opened;
		s->timed_out = true;
		s->gap_answered = false;
		rewind_window(s, now);
	}
}

static bool translate(struct tftp_server *s, uint64_t block, uint8_t *to, size_t *written)
{
	struct netascii_place p = s->places[block % TFTP_SERVER_PLACES];
	uint8_t chunk[CHUNK];

	*written = 0;
	while (*written < s->blksize && (p.owed || p.offset < s->size)) {
		size_t length = s->size - p.offset < CHUNK ? (size_t)(s->size - p.offset) : CHUNK;

		if (length > 0 && !s->cfg.read(s->cfg.owner, p.offset, chunk, length))
			return false;
		*written += netascii_translate(&p, chunk, length, to + *written, s->blksize - *written);
	}
	s->places[(block + 1) % TFTP_SERVER_PLACES] = p;
	if (*written < s->blksize)
		s->last = block;
	return true;
}

static bool write_netascii(struct tftp_server *s, struct writer *packet, uint64_t block)
{
	size_t length;

	tftp_write_data(packet, (uint16_t)block, NULL, 0);
	if (writer_left(packet) < s->blksize)
		packet->failed = true;
	if (packet->failed)
		return true;
	if (!translate(s, block, packet->at, &length))
		return false;
	packet->at += length;
	return true;
}

static bool write_octets(struct tftp_server *s, struct writer *packet, uint64_t block)
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
	if (!(s->netascii ? write_netascii : write_octets)(s, packet, block)) {
		packet->at = packet->start;
		refuse(s, FAULT_FILE_SIZE, TFTP_UNDEFINED, "the file has changed or cannot be read");
		return false;
	}
	s->sent = block;
	s->emitted = now;
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
			.timeout = s->timeout,
			.tsize = s->size,
		};

		s->oack_due = false;
		s->emitted = now;
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
	uint64_t end = patience_end(s);

	if (s->error_due)
		return 0;
	if (s->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	if (s->oack_due ||
		(s->opened && s->sent < s->acked + s->windowsize && block_exists(s, s->sent + 1)))
		return 0;
	return s->next < end && may_repeat(s) ? s->next : end;
}

enum machine_status tftp_server_status(const struct tftp_server *s)
{
	return s->status;
}
