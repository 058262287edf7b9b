// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/odd_server.h"
#include "netstack/wire/tftp.h"

#include <stdio.h>
#include <string.h>

enum { RESEND = 300, TRIES = 60 };

static uint64_t blocks_of(const struct odd_transfer *o)
{
	return o->server->file->size / o->blksize + 1;
}

static void send_packet(struct odd_transfer *o, const struct writer *w, uint64_t now)
{
	stack_send(&o->server->node.stack, o->socket, &o->client, w->start, writer_length(w), now);
}

static void send_block(struct odd_transfer *o, uint64_t block, uint64_t now)
{
	uint64_t offset = (block - 1) * o->blksize, left = o->server->file->size - offset;
	size_t length = (size_t)(left < o->blksize ? left : o->blksize);
	uint8_t buffer[STACK_PAYLOAD], data[STACK_PAYLOAD];
	struct writer w = writer_of(buffer, sizeof buffer);

	sim_file_read(o->server->file, offset, data, length);
	tftp_write_data(&w, (uint16_t)block, data, length);
	send_packet(o, &w, now);
}

// In lock-step, the ACK of a block may wait already when it is sent.
static bool acked_early(struct odd_transfer *o)
{
	bool *early = &o->early[o->sent % ODD_EARLY];
	bool was = *early && o->windowsize == 1;

	*early = false;
	return was;
}

static void send_window(struct odd_transfer *o, uint64_t now)
{
	while (o->sent < o->acked + o->windowsize && o->sent < blocks_of(o)) {
		send_block(o, ++o->sent, now);
		if (acked_early(o))
			o->acked = o->sent;
	}
	o->next = now + RESEND;
}

static void send_oack(struct odd_transfer *o, uint64_t now)
{
	stack_send(&o->server->node.stack, o->socket, &o->client, o->oack, o->oack_length, now);
	o->next = now + RESEND;
}

static void send_error(struct odd_transfer *o, uint16_t code, uint64_t now)
{
	uint8_t buffer[64];
	struct writer w = writer_of(buffer, sizeof buffer);

	tftp_write_error(&w, code, "no options, please");
	send_packet(o, &w, now);
	o->next = DEADLINE_NEVER;
}

// ---- options

static void option(struct writer *w, const char *name, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", value);
	write_string(w, name);
	write_string(w, text);
}

static void write_oack(struct odd_transfer *o, struct writer *w, const struct tftp_options *asked)
{
	unsigned ways = o->server->ways;

	write_u16(w, TFTP_OACK);
	if (asked->has & TFTP_HAS_BLKSIZE && !(ways & ODD_NO_BLKSIZE)) {
		o->blksize = (uint16_t)(asked->blksize < 1024 ? asked->blksize : 1024);
		option(w, "blksize", ways & ODD_BLKSIZE_LARGER ? asked->blksize + 1 : o->blksize);
	}
	if (asked->has & TFTP_HAS_TSIZE && !(ways & ODD_NO_TSIZE))
		option(w, "tsize", ways & ODD_TSIZE_ZERO    ? 0
				   : ways & ODD_TSIZE_HUGE  ? UINT64_MAX
				   : ways & ODD_TSIZE_WRONG ? o->server->file->size + 1
							    : o->server->file->size);
	if (asked->has & TFTP_HAS_WINDOWSIZE && !(ways & ODD_NO_WINDOWSIZE)) {
		o->windowsize = (uint16_t)asked->windowsize;
		option(w, "windowsize", asked->windowsize + (ways & ODD_WINDOW_LARGER ? 1 : 0));
	}
	if (ways & ODD_UNASKED)
		option(w, "multicast", 1);
	if (ways & ODD_GARBAGE)
		write_bytes(w, "\0\377rest of a buffer", 18);
}

static void begin(struct odd_transfer *o, const struct tftp_options *asked, uint64_t now)
{
	struct writer w = writer_of(o->oack, sizeof o->oack);
	bool options = asked->has || asked->unknown;

	o->blksize = 512;
	o->windowsize = 1;
	o->acked = o->sent = o->tries = 0;
	memset(o->early, 0, sizeof o->early);
	o->opened = !options || o->server->ways & ODD_NO_OPTIONS;
	o->oack_length = 0;
	if (o->opened) {
		send_window(o, now);
	} else if (o->server->ways & ODD_REFUSES) {
		send_error(o, o->server->refusal, now);
	} else {
		write_oack(o, &w, asked);
		o->oack_length = writer_length(&w);
		send_oack(o, now);
	}
}

// ---- packets

static void end(struct odd_transfer *o)
{
	if (o->socket)
		stack_unbind(&o->server->node.stack, o->socket);
	o->socket = NULL;
}

static void ack_input(struct odd_transfer *o, uint16_t number, uint64_t now)
{
	uint16_t ahead = (uint16_t)(number - (uint16_t)o->acked);

	if (!o->opened) {
		o->opened = number == 0;
	} else if (ahead == 0) { // the last window was not heard, or this ACK is its second copy
		if (!(o->server->ways & ODD_APPRENTICE) && o->windowsize == 1)
			return;
		o->sent = o->acked;
	} else if (ahead <= o->sent - o->acked) {
		o->acked += ahead;
		if (o->windowsize > 1)
			o->sent = o->acked; // what follows is sent again, if it was sent at all
		o->tries = 0;
	} else {
		if (!(o->server->ways & ODD_HASTY) && ahead <= o->sent - o->acked + ODD_EARLY / 2)
			o->early[(o->acked + ahead) % ODD_EARLY] = true;
		return;
	}
	if (o->opened && o->acked < blocks_of(o))
		send_window(o, now);
	else if (o->opened)
		o->next = DEADLINE_NEVER;
}

static void transfer_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct odd_transfer *o = owner;
	struct tftp_packet p;

	if (!tftp_read(&p, d->payload, d->length) || d->from.port != o->client.port)
		return;
	if (p.opcode == TFTP_ACK)
		ack_input(o, p.block, now);
	else if (p.opcode == TFTP_ERROR)
		o->next = DEADLINE_NEVER;
}

static void service_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct odd_server *v = owner;
	struct odd_transfer *o = &v->transfers[v->latest++ % ODD_TRANSFERS];
	struct stack_handler handler = {.owner = o, .input = transfer_input};
	struct tftp_packet p;

	if (!tftp_read(&p, d->payload, d->length) || p.opcode != TFTP_RRQ)
		return;
	end(o);
	o->server = v;
	o->client = d->from;
	o->socket = stack_bind(&v->node.stack, -1, STACK_PORT_ANY, &handler);
	begin(o, &p.options, now);
}

// ---- the node

static void transfer_step(struct odd_transfer *o, uint64_t now)
{
	if (++o->tries > TRIES) {
		end(o);
		return;
	}
	o->sent = o->acked;
	if (o->opened)
		send_window(o, now);
	else
		send_oack(o, now);
}

static void step(struct sim_node *node, uint64_t now)
{
	struct odd_server *v = (struct odd_server *)node;

	for (size_t i = 0; i < ODD_TRANSFERS; i++)
		if (v->transfers[i].socket && now >= v->transfers[i].next)
			transfer_step(&v->transfers[i], now);
}

static uint64_t deadline(const struct sim_node *node)
{
	const struct odd_server *v = (const struct odd_server *)node;
	uint64_t first = DEADLINE_NEVER;

	for (size_t i = 0; i < ODD_TRANSFERS; i++)
		if (v->transfers[i].socket && v->transfers[i].next < first)
			first = v->transfers[i].next;
	return first;
}

void odd_server_init(struct odd_server *v, struct sim *s, unsigned ways, const struct sim_file *file)
{
	struct ipaddr address = ipaddr_v4(192, 168, 2, 1);
	struct stack_handler handler = {.owner = v, .input = service_input};

	memset(v, 0, sizeof *v);
	v->node.step = step;
	v->node.deadline = deadline;
	v->ways = ways;
	v->file = file;
	sim_add(s, &v->node, &address, 24);
	v->service = stack_bind(&v->node.stack, -1, 69, &handler);
}
