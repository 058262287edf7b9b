// SPDX-License-Identifier: BSD-2-Clause
// A response: its head, then the rest as chunks in pieces of 1 to 16 bytes.
#include "netstack/wire/http.h"
#include "tests/fuzz/harness.h"

static void read_chunks(const uint8_t *bytes, size_t length)
{
	struct http_chunks c = {0};
	size_t at = 0;

	while (at < length && !c.done && !c.failed) {
		size_t piece = 1 + (at * 7 & 15), used;
		struct text_view data;

		if (piece > length - at)
			piece = length - at;
		used = http_chunks_read(&c, bytes + at, piece, &data);
		PROMISE(used >= 1 && used <= piece && data.length <= used);
		if (data.length)
			PROMISE((const uint8_t *)data.at >= bytes + at);
		touch(data.at, data.length);
		at += used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	size_t head = http_head_length(bytes, length);
	struct http_response r;

	PROMISE(head <= length);
	if (http_read_response(&r, bytes, head ? head : length, HTTP_GET)) {
		PROMISE(r.status >= 100 && r.status <= 599);
		PROMISE(r.body != HTTP_BODY_LENGTH || r.length >> 63 == 0);
		PROMISE(!r.ranged || r.first < r.total);
		touch(r.etag.at, r.etag.length);
		touch(r.location.at, r.location.length);
		touch(r.content_type.at, r.content_type.length);
		touch(r.reason.at, r.reason.length);
	} else {
		PROMISE(r.wrong);
	}
	read_chunks(bytes + head, length - head);
	return 0;
}
