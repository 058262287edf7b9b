// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a disk. A record is the number of a sector and what stands there, at a place in it;
// the rest are zeros. Checksums of GPTs are put right, so that what is behind them is reached.
#include "bootloader/partition.h"
#include "tests/fuzz/harness.h"

enum { SECTORS = 64, SECTOR = 512, RECORD = 24 };

static uint8_t disk[SECTORS][SECTOR];
static unsigned reads;

static bool read_disk(void *context, uint64_t sector, void *to)
{
	(void)context;
	reads++;
	PROMISE(sector < SECTORS);
	memcpy(to, disk[sector], SECTOR);
	return true;
}

static uint32_t sum(const uint8_t *bytes, size_t length)
{
	uint32_t s = ~0u;

	for (size_t i = 0; i < length; i++)
		for (unsigned bit = 0; bit < 8; bit++)
			s = s >> 1 ^ ((s ^ bytes[i] >> bit) & 1 ? 0xedb88320 : 0);
	return ~s;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void seal(unsigned at)
{
	uint8_t *h = disk[at];
	const uint32_t size = get32(h + 12), entries = get32(h + 72);
	const uint64_t length = (uint64_t)get32(h + 80) * get32(h + 84);

	if (entries < SECTORS && length <= (SECTORS - entries) * (uint64_t)SECTOR)
		put32(h + 88, sum(disk[entries], length));
	put32(h + 16, 0);
	if (size <= SECTOR)
		put32(h + 16, sum(h, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t guid[16];
	static struct partition_walk w;
	const struct partition_disk about = {read_disk, NULL, SECTOR, SECTORS};
	struct partition p;
	unsigned count = 0;

	memset(disk, 0, sizeof disk);
	disk[0][510] = 0x55;
	disk[0][511] = 0xaa;
	for (; length >= RECORD; bytes += RECORD, length -= RECORD) {
		size_t at = ((size_t)bytes[1] | (size_t)bytes[2] << 8) % (SECTOR - RECORD + 5);

		memcpy(disk[bytes[0] % SECTORS] + at, bytes + 4, RECORD - 4);
	}
	seal(1);
	seal(SECTORS - 1);
	reads = 0;
	if (!partition_begin(&w, &about))
		return 0;
	while (partition_next(&w, &p)) {
		PROMISE(p.number && p.length && ++count <= 1024);
		touch(p.entry, p.entry_size);
		partition_has_guid(&w, &p, guid);
		partition_has_name(&w, &p, "name", 4);
	}
	PROMISE(reads < 2000);
	return 0;
}
