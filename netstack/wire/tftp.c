// SPDX-License-Identifier: BSD-2-Clause
// TFTP packets. Numbers in options are decimal text (RFC 2347); their ranges: blksize 8..65464
// (RFC 2348), timeout 1..255 and tsize (RFC 2349), windowsize 1..65535 (RFC 7440).
#include "netstack/wire/tftp.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

struct option {
	const char *name;
	unsigned has;
	uint64_t min, max;
};

static const struct option options[] = {
	{"blksize", TFTP_HAS_BLKSIZE, 8, 65464},
	{"timeout", TFTP_HAS_TIMEOUT, 1, 255},
	{"tsize", TFTP_HAS_TSIZE, 0, UINT64_MAX},
	{"windowsize", TFTP_HAS_WINDOWSIZE, 1, 65535},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

static uint64_t value_of(const struct tftp_options *o, unsigned has)
{
	return has == TFTP_HAS_TSIZE     ? o->tsize
	       : has == TFTP_HAS_BLKSIZE ? o->blksize
	       : has == TFTP_HAS_TIMEOUT ? o->timeout
					 : o->windowsize;
}

static void set_value(struct tftp_options *o, unsigned has, uint64_t value)
{
	o->has |= has;
	if (has == TFTP_HAS_TSIZE)
		o->tsize = value;
	else
		*(has == TFTP_HAS_BLKSIZE     ? &o->blksize
			: has == TFTP_HAS_TIMEOUT ? &o->timeout
						  : &o->windowsize) = (uint32_t)value;
}

static void read_option(struct tftp_options *to, const char *name, const char *value)
{
	uint64_t n;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option *o = &options[i];

		if (!text_same(name, o->name))
			continue;
		if (to->has & o->has || !text_u64(value, strlen(value), 10, &n) || n < o->min ||
			n > o->max)
			to->bad = true;
		else
			set_value(to, o->has, n);
		return;
	}
	to->unknown = true;
}

// Pairs of strings to the end of the packet. An empty name or a string without NUL ends them: some
// servers send their whole buffer.
static void read_options(struct reader *r, struct tftp_options *to)
{
	while (reader_left(r)) {
		const char *name = read_string(r);
		const char *value = name && *name ? read_string(r) : NULL;

		if (!value)
			return;
		read_option(to, name, value);
	}
}

static bool read_request(struct reader *r, struct tftp_packet *p)
{
	p->file = read_string(r);
	p->mode = read_string(r);
	if (r->failed)
		return false;
	read_options(r, &p->options);
	return true;
}

bool tftp_read(struct tftp_packet *p, const void *packet, size_t length)
{
	struct reader r = reader_of(packet, length);

	*p = (struct tftp_packet){.opcode = read_u16(&r)};
	switch (p->opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return read_request(&r, p);
	case TFTP_DATA:
		p->block = read_u16(&r);
		p->data = read_sub(&r, reader_left(&r));
		return !r.failed;
	case TFTP_ACK:
		p->block = read_u16(&r);
		return !r.failed;
	case TFTP_ERROR:
		p->error_code = read_u16(&r);
		p->text = read_sub(&r, reader_left(&r));
		return !r.failed;
	case TFTP_OACK:
		read_options(&r, &p->options);
		return true;
	default:
		return false;
	}
}

static void write_options(struct writer *w, const struct tftp_options *from)
{
	char digits[24];

	for (int i = 0; from && i < OPTION_COUNT; i++) {
		struct text t = text_of(digits, sizeof digits);

		if (!(from->has & options[i].has))
			continue;
		text_format(&t, "%llu", (unsigned long long)value_of(from, options[i].has));
		write_string(w, options[i].name);
		write_string(w, digits);
	}
}

void tftp_write_request(struct writer *w, uint16_t opcode, const char *file, const char *mode,
	const struct tftp_options *wanted)
{
	write_u16(w, opcode);
	write_string(w, file);
	write_string(w, mode);
	write_options(w, wanted);
}

void tftp_write_oack(struct writer *w, const struct tftp_options *granted)
{
	write_u16(w, TFTP_OACK);
	write_options(w, granted);
}

void tftp_write_ack(struct writer *w, uint16_t block)
{
	write_u16(w, TFTP_ACK);
	write_u16(w, block);
}

void tftp_write_data(struct writer *w, uint16_t block, const void *data, size_t length)
{
	write_u16(w, TFTP_DATA);
	write_u16(w, block);
	write_bytes(w, data, length);
}

void tftp_write_error(struct writer *w, uint16_t code, const char *text)
{
	write_u16(w, TFTP_ERROR);
	write_u16(w, code);
	write_string(w, text);
}
