// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/machine/rpc_record.h"
#include "netstack/wire/rpc.h"

void rpc_record_start(struct rpc_record *r, uint32_t max)
{
	*r = (struct rpc_record){.max = max};
}

// One byte of the mark; true when the mark is whole.
static bool take_mark(struct rpc_record *r, uint8_t byte)
{
	r->mark = r->mark << 8 | byte;
	if (++r->mark_bytes < RPC_MARK)
		return false;
	r->mark_bytes = 0;
	r->inside = true;
	r->last = r->mark & RPC_LAST_FRAGMENT;
	r->left = r->mark & ~RPC_LAST_FRAGMENT;
	return true;
}

static bool fits(struct rpc_record *r)
{
	if (++r->fragments > RPC_RECORD_FRAGMENTS || r->left > r->max - r->length)
		return false;
	r->length += r->left;
	return true;
}

static enum rpc_record_event take_data(struct rpc_record *r, const uint8_t **bytes, size_t *length,
	const uint8_t **data, size_t *data_length)
{
	size_t count = *length < r->left ? *length : r->left;

	*data = *bytes;
	*data_length = count;
	*bytes += count;
	*length -= count;
	r->left -= (uint32_t)count;
	return RPC_RECORD_DATA;
}

enum rpc_record_event rpc_record_input(struct rpc_record *r, const uint8_t **bytes, size_t *length,
	const uint8_t **data, size_t *data_length)
{
	for (;;) {
		if (r->inside && r->left == 0) {
			r->inside = false;
			if (r->last) {
				rpc_record_start(r, r->max);
				return RPC_RECORD_COMPLETE;
			}
		}
		if (*length == 0)
			return RPC_RECORD_MORE;
		if (r->inside)
			return take_data(r, bytes, length, data, data_length);
		(*length)--;
		if (take_mark(r, *(*bytes)++) && !fits(r))
			return RPC_RECORD_BAD;
	}
}

uint32_t rpc_record_wanted(const struct rpc_record *r)
{
	return r->inside ? r->left : 0;
}

void rpc_record_took(struct rpc_record *r, uint32_t count)
{
	r->left -= count;
}

bool rpc_record_partial(const struct rpc_record *r)
{
	return r->inside || r->mark_bytes || r->fragments;
}
