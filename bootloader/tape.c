// SPDX-License-Identifier: BSD-2-Clause
// Writing a tape; tape_read.c reads it.
#include "bootloader/tape.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"
#include "netstack/wire/ip.h"
#include "netstack/wire/tftp.h"

enum {
	TAIL = TAPE_HEAD + TAPE_MARK_LENGTH, // kept free for the mark
	BLOCKS = 16,                         // of a TFTP transfer that are kept
	WHOLE = 24 * 1024,
	SMALL = 256, // bytes of a frame that is always kept
	ETHERNET = 14,
	PROTOCOL = ETHERNET + 9,
};

void tape_begin(struct tape *t, void *memory, size_t size, uint64_t now)
{
	memset(t, 0, sizeof *t);
	t->now = t->began = t->told = now;
	if (!memory)
		return;
	t->start = memory;
	t->size = size;
	t->length = sizeof TAPE_MAGIC - 1;
	memcpy(t->start, TAPE_MAGIC, t->length);
}

// ---- records

static void write_head(struct writer *w, enum tape_kind kind, uint8_t number, size_t length, uint32_t ms,
	uint32_t sent)
{
	write_u8(w, (uint8_t)kind);
	write_u8(w, number);
	write_u16_le(w, (uint16_t)length);
	write_u16_le(w, (uint16_t)ms);
	write_u16_le(w, (uint16_t)sent);
}

// Begins a record. Once one had no room, none has: a tape has no holes.
static struct writer begin(struct tape *t, enum tape_kind kind, uint8_t number, size_t length)
{
	size_t used = t->length + TAIL, room = t->lost || used > t->size ? 0 : t->size - used;
	struct writer w = writer_of(t->start + t->length, room);
	uint64_t ms = t->now - t->told;

	for (; ms > UINT16_MAX && !w.failed; ms -= UINT16_MAX)
		write_head(&w, TAPE_PAUSE, 0, 0, UINT16_MAX, 0);
	write_head(&w, kind, number, length, (uint32_t)ms, t->sent - t->told_sent);
	if (length > UINT16_MAX)
		w.failed = true;
	return w;
}

static bool end(struct tape *t, const struct writer *w)
{
	if (w->failed) {
		t->lost++;
		return false;
	}
	t->length += writer_length(w);
	t->told = t->now;
	t->told_sent = t->sent;
	return true;
}

void tape_put(struct tape *t, enum tape_kind kind, uint8_t number, const void *bytes, size_t length)
{
	struct writer w;

	if (!t->start)
		return;
	w = begin(t, kind, number, length);
	write_bytes(&w, bytes, length);
	end(t, &w);
}

void tape_put_identity(struct tape *t, const struct tape_identity *i)
{
	uint8_t bytes[TAPE_IDENTITY_LENGTH];
	struct writer w = writer_of(bytes, sizeof bytes);

	write_u16_le(&w, i->arch);
	write_u16_le(&w, i->vlan);
	write_u8(&w, i->flags);
	write_u8(&w, i->boot_nic);
	write_u32_le(&w, i->memory);
	for (int k = 0; k < 5; k++)
		write_u32_le(&w, i->cpu[k]);
	write_bytes(&w, i->boot_server, sizeof i->boot_server);
	write_bytes(&w, i->uuid, sizeof i->uuid);
	tape_put(t, TAPE_IDENTITY, 0, bytes, sizeof bytes);
}

void tape_put_turn(struct tape *t, uint32_t sent)
{
	uint32_t now_sent = t->sent;

	t->sent = sent;
	tape_put(t, TAPE_TURN, 0, "", 0);
	t->sent = now_sent;
}

size_t tape_mark(struct tape *t, enum fault_id fault)
{
	struct writer w = writer_of(t->start + t->length, TAIL);
	uint64_t ms = t->now - t->told;

	write_head(&w, TAPE_FAULT, 0, TAPE_MARK_LENGTH, ms > UINT16_MAX ? UINT16_MAX : (uint32_t)ms,
		t->sent - t->told_sent);
	write_u16_le(&w, (uint16_t)fault);
	write_u32_le(&w, t->lost);
	write_u32_le(&w, (uint32_t)(t->now - t->began));
	if (t->lost || t->length + 2 * TAIL > t->size) { // the next mark goes to the same place
		t->lost += !t->lost;
		return t->length + TAIL;
	}
	end(t, &w);
	return t->length;
}

// ---- frames

void tape_bulk(struct tape *t, bool on)
{
	t->bulk = on;
	t->whole = WHOLE;
}

// The length of a TFTP block's heads if its payload need not be kept, else 0.
static size_t clip_udp(const uint8_t *b, size_t ip)
{
	const uint8_t *tftp = b + ip + 8;

	if (tftp[0] != 0 || tftp[1] != TFTP_DATA || (tftp[2] << 8 | tftp[3]) <= BLOCKS)
		return 0;
	return ip + 8 + 4;
}

// The same of a segment. An answer's head is kept, and what may be the beginning of a file behind it.
static size_t clip_tcp(struct tape *t, const uint8_t *b, size_t ip, size_t length)
{
	size_t head = ip + (size_t)(b[ip + 12] >> 4) * 4;

	if (memcmp(b + head, "HTTP", 4) == 0)
		t->whole = WHOLE;
	if (t->whole < length)
		return head <= TAPE_HEADS ? head : 0;
	t->whole -= (uint32_t)length;
	return 0;
}

static size_t clip(struct tape *t, const struct netdev_frame *f)
{
	const uint8_t *b = f->bytes;
	size_t ip;

	if (!t->bulk || f->length < SMALL || b[12] != 0x08 || b[13] != 0x00)
		return 0;
	ip = ETHERNET + (size_t)(b[ETHERNET] & 15) * 4;
	return b[PROTOCOL] == IP_UDP ? clip_udp(b, ip)
	       : b[PROTOCOL] == IP_TCP ? clip_tcp(t, b, ip, f->length)
				       : 0;
}

static bool same_word(const uint8_t *a, const uint8_t *b)
{
	uint32_t x, y;

	__builtin_memcpy(&x, a, sizeof x);
	__builtin_memcpy(&y, b, sizeof y);
	return x == y;
}

// Once for each frame of a file: most words are those of the frame before. A record that finds no room is
// the last, so what it has changed in the heads does not matter.
static void put_bulk(struct tape *t, uint8_t card, const struct netdev_frame *f, size_t heads)
{
	uint8_t differ[TAPE_HEADS / 8] = {0}, bytes[TAPE_HEADS];
	size_t count = 0, map = (heads + 7) / 8, i = 0;
	struct writer w;

	while (i < heads) {
		if (i % 4 == 0 && i + 4 <= heads && same_word(f->bytes + i, t->heads + i)) {
			i += 4;
			continue;
		}
		if (f->bytes[i] != t->heads[i]) {
			differ[i / 8] |= (uint8_t)(1 << i % 8);
			bytes[count++] = t->heads[i] = f->bytes[i];
		}
		i++;
	}
	w = begin(t, TAPE_BULK, card, 3 + map + count);
	write_u16_le(&w, (uint16_t)f->length);
	write_u8(&w, (uint8_t)heads);
	write_bytes(&w, differ, map);
	write_bytes(&w, bytes, count);
	end(t, &w);
}

void tape_put_frame(struct tape *t, uint8_t card, const struct netdev_frame *f)
{
	size_t heads;

	if (!t->start || f->length > NETDEV_FRAME)
		return;
	heads = clip(t, f);
	if (heads)
		put_bulk(t, card, f, heads);
	else
		tape_put(t, f->checksum_absent ? TAPE_UNSUMMED : TAPE_FRAME, card, f->bytes, f->length);
}
