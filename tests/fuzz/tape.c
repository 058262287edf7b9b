// SPDX-License-Identifier: BSD-2-Clause
// A tape that somebody has sent: all bytes behind the magic are its records.
#include "bootloader/tape_read.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct tape_reader reader;
	const size_t magic = sizeof TAPE_MAGIC - 1;
	uint8_t *whole = malloc(magic + length);
	struct tape_identity identity;
	struct tape_event e, before = {0};
	struct tape_mark mark;

	if (!whole)
		return 0;
	memcpy(whole, TAPE_MAGIC, magic);
	memcpy(whole + magic, bytes, length);
	PROMISE(tape_open(&reader, whole, magic + length));
	while (tape_next(&reader, &e)) {
		PROMISE(e.kind && e.kind != TAPE_BULK && e.kind != TAPE_PAUSE);
		PROMISE(e.now >= before.now);
		if (e.kind == TAPE_FRAME || e.kind == TAPE_UNSUMMED)
			PROMISE(e.length <= NETDEV_FRAME);
		touch(e.bytes, e.length);
		tape_read_identity(&identity, &e);
		tape_read_mark(&mark, &e);
		before = e;
	}
	free(whole);
	return 0;
}
