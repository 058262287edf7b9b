// SPDX-License-Identifier: BSD-2-Clause
// XDR. Everything takes a multiple of four bytes; the padding's content is not looked at.
#include "netstack/wire/xdr.h"
#include "netstack/base/memory.h"

struct xdr xdr_decoder(const void *message, size_t length)
{
	return (struct xdr){.in = reader_of(message, length)};
}

struct xdr xdr_encoder(void *buffer, size_t size)
{
	return (struct xdr){.encoding = true, .out = writer_of(buffer, size)};
}

size_t xdr_length(const struct xdr *x)
{
	return writer_length(&x->out);
}

size_t xdr_left(const struct xdr *x)
{
	if (x->failed)
		return 0;
	return x->encoding ? writer_left(&x->out) : reader_left(&x->in);
}

static void note_failure(struct xdr *x)
{
	if (x->encoding ? x->out.failed : x->in.failed)
		x->failed = true;
}

void xdr_u32(struct xdr *x, uint32_t *value)
{
	if (x->encoding)
		write_u32(&x->out, *value);
	else
		*value = x->failed ? 0 : read_u32(&x->in);
	note_failure(x);
}

void xdr_u64(struct xdr *x, uint64_t *value)
{
	if (x->encoding)
		write_u64(&x->out, *value);
	else
		*value = x->failed ? 0 : read_u64(&x->in);
	note_failure(x);
}

void xdr_bool(struct xdr *x, bool *value)
{
	uint32_t number = x->encoding && *value;

	xdr_u32(x, &number);
	if (number > 1)
		x->failed = true;
	*value = number == 1;
}

static size_t padding(size_t length)
{
	return -length & 3;
}

void xdr_fixed(struct xdr *x, void *bytes, size_t length)
{
	if (x->encoding) {
		write_bytes(&x->out, bytes, length);
		write_zeros(&x->out, padding(length));
	} else {
		read_bytes(&x->in, bytes, length);
		read_skip(&x->in, padding(length));
	}
	note_failure(x);
}

static void encode_bytes(struct xdr *x, const struct xdr_bytes *value)
{
	if (value->at && value->at == x->out.at && value->length <= writer_left(&x->out))
		x->out.at += value->length;
	else
		write_bytes(&x->out, value->at, value->length);
	write_zeros(&x->out, padding(value->length));
}

void xdr_bytes(struct xdr *x, struct xdr_bytes *value, uint32_t max)
{
	struct reader view;

	xdr_u32(x, &value->length);
	if (value->length > max)
		x->failed = true;
	if (x->encoding && !x->failed) {
		encode_bytes(x, value);
	} else if (!x->encoding) {
		view = read_sub(&x->in, x->failed ? 0 : value->length);
		read_skip(&x->in, padding(value->length));
		*value = (struct xdr_bytes){view.at, (uint32_t)reader_left(&view)};
	}
	note_failure(x);
	if (x->failed && !x->encoding)
		*value = (struct xdr_bytes){0};
}
