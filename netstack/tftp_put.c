// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/tftp_put.h"
#include "netstack/base/memory.h"
#include "netstack/wire/tftp.h"

enum { RTO_FIRST = 500, RTO_MIN = 50, RTO_MAX = 2000, BLKSIZE = 512 };

void tftp_put_start(struct tftp_put *p, const struct tftp_put_config *cfg, uint64_t now)
{
	memset(p, 0, sizeof *p);
	p->cfg = *cfg;
	p->cfg.server.port = cfg->server.port ? cfg->server.port : TFTP_PORT;
	p->blksize = BLKSIZE;
	p->due = true;
	p->progress = now;
	p->rtt = rtt_of(RTO_FIRST, RTO_MIN, RTO_MAX);
}

// Where a block's bytes begin; the last one is the first that is not full.
static size_t offset_of(const struct tftp_put *p, uint32_t block)
{
	return (size_t)(block - 1) * p->blksize;
}

static void acknowledged(struct tftp_put *p, uint64_t now)
{
	if (p->block && offset_of(p, p->block + 1) > p->cfg.length) {
		p->status = MACHINE_DONE;
		return;
	}
	if (!p->repeated)
		rtt_measured(&p->rtt, (uint32_t)(now - p->sent));
	p->block++;
	p->due = true;
	p->repeated = false;
	p->progress = now;
}

static void failed(struct tftp_put *p, const struct tftp_packet *t)
{
	char text[100], server[IPADDR_TEXT];
	struct text words = text_of(text, sizeof text);

	text_foreign(&words, t->text.at, reader_left(&t->text));
	fault_set(&p->fault, FAULT_TFTP_ERROR, "(%s, \"%.100s\": %s)", ipaddr_format(&p->cfg.server.addr, server),
		p->cfg.file, text);
	p->status = MACHINE_FAILED;
}

void tftp_put_input(struct tftp_put *p, const void *packet, size_t length, const struct endpoint *from,
	uint64_t now)
{
	struct tftp_packet t;

	if (p->status != MACHINE_RUNNING || !ipaddr_equal(&from->addr, &p->cfg.server.addr) ||
		(p->answered && from->port != p->cfg.server.port) || !tftp_read(&t, packet, length))
		return;
	if (t.opcode != TFTP_ACK && t.opcode != TFTP_OACK && t.opcode != TFTP_ERROR)
		return;
	p->answered = true;
	p->cfg.server.port = from->port;
	if (t.opcode == TFTP_ERROR) {
		failed(p, &t);
	} else if (t.opcode == TFTP_ACK && t.block == (uint16_t)p->block) {
		acknowledged(p, now);
	} else if (t.opcode == TFTP_OACK && p->block == 0) {
		if (t.options.has & TFTP_HAS_BLKSIZE && t.options.blksize <= TFTP_PUT_BLKSIZE)
			p->blksize = t.options.blksize;
		acknowledged(p, now);
	}
}

void tftp_put_unreachable(struct tftp_put *p, const struct fault *fault)
{
	if (p->status != MACHINE_RUNNING)
		return;
	p->fault = *fault;
	p->status = MACHINE_FAILED;
}

static void write_packet(struct tftp_put *p, struct writer *packet)
{
	const struct tftp_options wanted = {
		.has = TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE,
		.blksize = TFTP_PUT_BLKSIZE,
		.tsize = p->cfg.length,
	};
	size_t offset, length;

	if (!p->block) {
		tftp_write_request(packet, TFTP_WRQ, p->cfg.file, "octet", &wanted);
		return;
	}
	offset = offset_of(p, p->block);
	length = p->cfg.length - offset < p->blksize ? p->cfg.length - offset : p->blksize;
	tftp_write_data(packet, (uint16_t)p->block, p->cfg.bytes + offset, length);
}

bool tftp_put_output(struct tftp_put *p, struct writer *packet, struct endpoint *to, uint64_t now)
{
	char server[IPADDR_TEXT];

	if (p->status != MACHINE_RUNNING)
		return false;
	if (now - p->progress >= TFTP_PUT_PATIENCE) {
		fault_set(&p->fault, p->answered ? FAULT_TFTP_STALLED : FAULT_TFTP_SILENT, "(%s, \"%.100s\")",
			ipaddr_format(&p->cfg.server.addr, server), p->cfg.file);
		p->status = MACHINE_FAILED;
		return false;
	}
	if (!p->due && now - p->sent >= p->rtt.rto) {
		rtt_back_off(&p->rtt);
		p->due = p->repeated = true;
	}
	if (!p->due)
		return false;
	p->due = false;
	p->sent = now;
	*to = p->cfg.server;
	write_packet(p, packet);
	return !packet->failed;
}

uint64_t tftp_put_deadline(const struct tftp_put *p)
{
	uint64_t end = p->progress + TFTP_PUT_PATIENCE, again = p->sent + p->rtt.rto;

	if (p->status != MACHINE_RUNNING)
		return DEADLINE_NEVER;
	if (p->due)
		return p->sent;
	return again < end ? again : end;
}
