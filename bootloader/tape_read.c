// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/tape_read.h"
#include "netstack/base/memory.h"

bool tape_open(struct tape_reader *t, const void *bytes, size_t length)
{
	struct reader magic;

	memset(t, 0, sizeof *t);
	t->r = reader_of(bytes, length);
	magic = read_sub(&t->r, sizeof TAPE_MAGIC - 1);
	return !magic.failed && memcmp(magic.at, TAPE_MAGIC, sizeof TAPE_MAGIC - 1) == 0;
}

// A frame of which only the heads have been kept; false if that is none.
static bool expand(struct tape_reader *t, struct tape_event *e)
{
	struct reader r = reader_of(e->bytes, e->length), differ;
	size_t length = read_u16_le(&r), heads = read_u8(&r);

	differ = read_sub(&r, (heads + 7) / 8);
	if (r.failed || length > sizeof t->frame || heads > length || heads > TAPE_HEADS)
		return false;
	for (size_t i = 0; i < heads; i++)
		if (differ.at[i / 8] >> i % 8 & 1)
			t->heads[i] = read_u8(&r);
	memset(t->frame, 0, sizeof t->frame);
	memcpy(t->frame, t->heads, heads);
	e->kind = TAPE_UNSUMMED;
	e->bytes = t->frame;
	e->length = length;
	return !r.failed;
}

static bool is_frame(const struct tape_event *e)
{
	return e->kind == TAPE_FRAME || e->kind == TAPE_UNSUMMED;
}

bool tape_next(struct tape_reader *t, struct tape_event *e)
{
	do {
		struct reader bytes;

		e->kind = (enum tape_kind)read_u8(&t->r);
		e->number = read_u8(&t->r);
		e->length = read_u16_le(&t->r);
		e->now = t->now += read_u16_le(&t->r);
		e->sent = t->sent += read_u16_le(&t->r);
		bytes = read_sub(&t->r, e->length);
		e->bytes = bytes.at;
		if (t->r.failed || e->kind == 0)
			return false;
	} while (e->kind == TAPE_PAUSE);
	if (e->kind == TAPE_BULK)
		return expand(t, e);
	return !is_frame(e) || e->length <= NETDEV_FRAME;
}

bool tape_read_identity(struct tape_identity *i, const struct tape_event *e)
{
	struct reader r = reader_of(e->bytes, e->length);

	i->arch = read_u16_le(&r);
	i->vlan = read_u16_le(&r);
	i->flags = read_u8(&r);
	i->boot_nic = read_u8(&r);
	i->memory = read_u32_le(&r);
	for (int k = 0; k < 5; k++)
		i->cpu[k] = read_u32_le(&r);
	read_bytes(&r, i->boot_server, sizeof i->boot_server);
	read_bytes(&r, i->uuid, sizeof i->uuid);
	return !r.failed && e->length == TAPE_IDENTITY_LENGTH;
}

bool tape_read_mark(struct tape_mark *m, const struct tape_event *e)
{
	struct reader r = reader_of(e->bytes, e->length);

	m->fault = read_u16_le(&r);
	m->lost = read_u32_le(&r);
	m->ms = read_u32_le(&r);
	return !r.failed && e->length == TAPE_MARK_LENGTH;
}
