// SPDX-License-Identifier: BSD-2-Clause
// Messages of RPC, portmap, MOUNT and NFSv3. The first byte says which: what it decodes to is
// encoded, decoded and encoded again, to the same bytes. The last kind is a stream of records.
#include "server-stub/machine/rpc_record.h"
#include "tests/fuzz/harness.h"
#include "tests/unit/nfs_messages.h"

enum { KINDS = sizeof nfs_messages / sizeof *nfs_messages };

static union {
	uint8_t bytes[NFS_MESSAGE_SIZE];
	uint64_t align;
} message;

static size_t encode(const struct nfs_message *m, uint8_t *buffer, size_t size)
{
	struct xdr x = xdr_encoder(buffer, size);

	m->run(&x, &message);
	PROMISE(!x.failed);
	return xdr_length(&x);
}

static void messages(const struct nfs_message *m, const uint8_t *bytes, size_t length)
{
	struct xdr x = xdr_decoder(bytes, length);
	uint8_t *first, *second;
	size_t used;

	memset(&message, 0, sizeof message);
	m->run(&x, &message);
	if (x.failed)
		return;
	first = malloc(length + 1);
	second = malloc(length + 1);
	used = encode(m, first, length);
	x = xdr_decoder(first, used);
	m->run(&x, &message);
	PROMISE(!x.failed && xdr_left(&x) == 0);
	PROMISE(encode(m, second, used) == used);
	PROMISE(memcmp(first, second, used) == 0);
	free(first);
	free(second);
}

static void records(const uint8_t *bytes, size_t length)
{
	enum rpc_record_event event = RPC_RECORD_DATA;
	struct rpc_record r;
	const uint8_t *data;
	size_t count, sum = 0;

	rpc_record_start(&r, 64);
	while (event != RPC_RECORD_MORE && event != RPC_RECORD_BAD) {
		event = rpc_record_input(&r, &bytes, &length, &data, &count);
		if (event == RPC_RECORD_DATA) {
			touch(data, count);
			sum += count;
		}
		PROMISE(sum <= 64);
		if (event == RPC_RECORD_COMPLETE)
			sum = 0;
	}
	PROMISE(event == RPC_RECORD_BAD || length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return 0;
	if (bytes[0] < KINDS)
		messages(&nfs_messages[bytes[0]], bytes + 1, length - 1);
	else
		records(bytes + 1, length - 1);
	return 0;
}
