// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/machine/tftp_receiver.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"
#include "netstack/wire/tftp.h"

enum { BLKSIZE = 512 };

static void refuse(struct tftp_receiver *r, uint16_t code, const char *why)
{
	r->status = MACHINE_FAILED;
	r->why = why;
	r->error_due = true;
	r->error_code = code;
	r->answer_due = false;
}

static void grant(struct tftp_receiver *r, const struct tftp_options *o)
{
	r->options = o->has & (TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE);
	if (r->options & TFTP_HAS_BLKSIZE)
		r->blksize = (uint16_t)(o->blksize < r->cfg.blksize_max ? o->blksize : r->cfg.blksize_max);
	r->tsize = o->tsize;
	if (r->options & TFTP_HAS_TSIZE && o->tsize > r->cfg.most)
		refuse(r, TFTP_DISK_FULL, "it is too large");
}

void tftp_receiver_start(struct tftp_receiver *r, const struct tftp_receiver_config *cfg,
	const void *request, size_t length, const struct endpoint *from, uint64_t now)
{
	struct tftp_packet p;

	memset(r, 0, sizeof *r);
	r->cfg = *cfg;
	r->peer = *from;
	r->blksize = BLKSIZE;
	r->progress = now;
	r->answer_due = true;
	if (!tftp_read(&p, request, length) || p.opcode != TFTP_WRQ || !text_same(p.mode, "octet"))
		refuse(r, TFTP_ILLEGAL_OPERATION, "not a write request in octet mode");
	else
		grant(r, &p.options);
}

static void take(struct tftp_receiver *r, const struct tftp_packet *p, uint64_t now)
{
	size_t length = reader_left(&p->data);
	const char *why = "it cannot be kept";

	if (length > r->blksize) {
		refuse(r, TFTP_ILLEGAL_OPERATION, "a block is too long");
		return;
	}
	if (length > r->cfg.most - r->size || r->block == UINT16_MAX) {
		refuse(r, TFTP_DISK_FULL, "it is too large");
		return;
	}
	r->block++;
	r->size += length;
	r->progress = now;
	r->answer_due = true;
	r->finished = length < r->blksize;
	if (!r->cfg.write(r->cfg.owner, p->data.at, length, &why) ||
		(r->finished && !r->cfg.finish(r->cfg.owner, &why))) {
		r->finished = false;
		refuse(r, TFTP_ACCESS_VIOLATION, why);
	}
}

void tftp_receiver_input(struct tftp_receiver *r, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now)
{
	struct tftp_packet p;

	if (r->status != MACHINE_RUNNING || from->port != r->peer.port ||
		!ipaddr_equal(&from->addr, &r->peer.addr) || !tftp_read(&p, packet, length))
		return;
	if (p.opcode == TFTP_ERROR) {
		r->status = r->finished ? MACHINE_DONE : MACHINE_FAILED;
		r->why = "the client ended it";
	} else if (p.opcode == TFTP_DATA && p.block == (uint16_t)(r->block + 1) && !r->finished) {
		take(r, &p, now);
	} else if (p.opcode == TFTP_DATA && p.block == r->block) {
		r->answer_due = true;
	}
}

void tftp_receiver_again(struct tftp_receiver *r)
{
	r->answer_due |= r->status == MACHINE_RUNNING && r->block == 0;
}

bool tftp_receiver_output(struct tftp_receiver *r, struct writer *packet, struct endpoint *to, uint64_t now)
{
	*to = r->peer;
	if (r->status == MACHINE_RUNNING && now - r->progress >= r->cfg.patience) {
		r->status = r->finished ? MACHINE_DONE : MACHINE_FAILED;
		r->why = "the client has fallen silent";
	}
	if (r->error_due) {
		r->error_due = false;
		tftp_write_error(packet, r->error_code, r->why);
		return !packet->failed;
	}
	if (r->status != MACHINE_RUNNING || !r->answer_due)
		return false;
	r->answer_due = false;
	if (r->block == 0 && r->options)
		tftp_write_oack(packet, &(struct tftp_options){
			.has = r->options, .blksize = r->blksize, .tsize = r->tsize});
	else
		tftp_write_ack(packet, r->block);
	return !packet->failed;
}

uint64_t tftp_receiver_deadline(const struct tftp_receiver *r)
{
	if (r->error_due || (r->answer_due && r->status == MACHINE_RUNNING))
		return 0;
	return r->status == MACHINE_RUNNING ? r->progress + r->cfg.patience : DEADLINE_NEVER;
}
