// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a gzip file, unpacked into a room whose size the first two of them choose.
#include "bootloader/gzip.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const size_t room = length < 2 ? 0 : (size_t)bytes[0] << 8 | bytes[1];
	uint8_t *from, *to; // both end with their block
	enum gzip_result result;
	uint64_t size;

	if (length < 2)
		return 0;
	length -= 2;
	from = malloc(length + 1);
	to = malloc(room + 1);
	PROMISE(from && to);
	memcpy(from + 1, bytes + 2, length);
	result = gzip_unpack(from + 1, length, to + 1, room, &size);
	PROMISE(size <= room);
	PROMISE(result != GZIP_FULL || size == room);
	PROMISE(result != GZIP_DONE || gzip_begins(from + 1, length));
	touch(to + 1, (size_t)size);
	free(from);
	free(to);
	return 0;
}
