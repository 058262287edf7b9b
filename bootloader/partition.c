// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/partition.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum { // of an MBR
	MBR_SIGNATURE = 440,
	MBR_TABLE = 446,
	MBR_MARK = 510,
	TYPE_PROTECTIVE = 0xee,
};

enum { // of a GPT
	GPT_HEADER = 92,
	GPT_ENTRY = 128,
	GPT_ENTRIES = 1024, // more are not believed
	GPT_GUID_AT = 16,
	GPT_NAME_AT = 56,
	GPT_NAME = 36, // UTF-16 characters
};

static bool read(struct partition_walk *w, uint64_t sector)
{
	return (!w->disk.sectors || sector < w->disk.sectors) &&
	       w->disk.read(w->disk.context, sector, w->sector);
}

static struct reader reader_at(const uint8_t *bytes, size_t offset, size_t length)
{
	return reader_of(bytes + offset, length);
}

static uint32_t le32(const uint8_t *at)
{
	struct reader r = reader_of(at, 4);

	return read_u32_le(&r);
}

static bool marked(const uint8_t *sector)
{
	return sector[MBR_MARK] == 0x55 && sector[MBR_MARK + 1] == 0xaa;
}

// ---- GPT ----------------------------------------------------------------------------------------

// CRC-32 as Ethernet has it (ISO 3309).
static uint32_t crc(uint32_t sum, const uint8_t *bytes, uint32_t length)
{
	while (length--) {
		sum ^= *bytes++;
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return sum;
}

// Whether the entries have this checksum.
static bool entries_match(struct partition_walk *w, uint32_t expected)
{
	uint32_t left = w->count * w->entry_size, sum = ~0u;

	for (uint64_t sector = w->entries; left; sector++) {
		uint32_t part = left < w->disk.sector_size ? left : w->disk.sector_size;

		if (!read(w, sector))
			return false;
		sum = crc(sum, w->sector, part);
		left -= part;
	}
	return ~sum == expected;
}

// The header in this sector.
static bool begin_gpt(struct partition_walk *w, uint64_t at)
{
	struct reader r = reader_of(w->sector, w->disk.sector_size);
	uint32_t size, header_sum, entries_sum;
	uint64_t own;

	if (!read(w, at) || memcmp(w->sector, "EFI PART", 8) != 0)
		return false;
	read_skip(&r, 12);
	size = read_u32_le(&r);
	header_sum = read_u32_le(&r);
	read_skip(&r, 4);
	own = read_u64_le(&r);
	read_skip(&r, 24);
	read_bytes(&r, w->guid, sizeof w->guid);
	w->entries = read_u64_le(&r);
	w->count = read_u32_le(&r);
	w->entry_size = read_u32_le(&r);
	entries_sum = read_u32_le(&r);
	if (own != at || size < GPT_HEADER || size > w->disk.sector_size ||
		w->count > GPT_ENTRIES || w->entry_size < GPT_ENTRY ||
		w->entry_size > w->disk.sector_size || w->entry_size & (w->entry_size - 1))
		return false;
	memset(w->sector + 16, 0, 4);
	return ~crc(~0u, w->sector, size) == header_sum && entries_match(w, entries_sum);
}

static bool next_gpt(struct partition_walk *w, struct partition *p)
{
	const uint32_t each = w->disk.sector_size / w->entry_size;

	while (w->next < w->count) {
		uint32_t at = w->next % each * w->entry_size;
		const uint8_t *entry = w->sector + at;
		struct reader r = reader_at(entry, 32, 16);
		uint8_t used = 0;

		if (at == 0 && !read(w, w->entries + w->next / each))
			return false;
		w->next++;
		for (int i = 0; i < 16; i++)
			used |= entry[i];
		p->number = w->next;
		p->start = read_u64_le(&r);
		p->length = read_u64_le(&r) - p->start + 1;
		p->entry = entry;
		p->entry_size = w->entry_size;
		if (used && p->start && p->length - 1 < UINT64_MAX - p->start)
			return true;
	}
	return false;
}

// ---- MBR ----------------------------------------------------------------------------------------

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

// An entry of 16 bytes whose start counts from `base`.
static bool take(struct partition *p, unsigned number, const uint8_t *entry, uint32_t base)
{
	p->number = number;
	p->start = (uint64_t)base + le32(entry + 8);
	p->length = le32(entry + 12);
	p->entry = entry;
	p->entry_size = 16;
	return entry[4] != 0 && p->length != 0;
}

// Goes on to the link whose place the entry names, unless the chain has been there.
static void follow(struct partition_walk *w, const uint8_t *entry)
{
	const uint32_t to = w->container + le32(entry + 8);

	w->chain =
		is_extended(entry[4]) && w->links < PARTITION_LOGICAL && to > w->container ? to : 0;
	for (unsigned i = 0; i < w->links; i++)
		if (w->seen[i] == to)
			w->chain = 0;
}

static bool next_logical(struct partition_walk *w, struct partition *p)
{
	while (w->chain) {
		const uint32_t link = w->chain;
		const uint8_t *entry = w->sector + MBR_TABLE;

		if (!read(w, link) || !marked(w->sector))
			return false;
		w->seen[w->links++] = link;
		follow(w, entry + 16);
		if (take(p, w->number + 1, entry, link)) {
			w->number++;
			return true;
		}
	}
	return false;
}

static bool next_mbr(struct partition_walk *w, struct partition *p)
{
	while (w->next < 4) {
		const uint8_t *entry = w->table[w->next++];

		if (!take(p, w->next, entry, 0))
			continue;
		if (is_extended(entry[4]) && !w->container)
			w->chain = w->container = (uint32_t)p->start;
		return true;
	}
	return next_logical(w, p);
}

// ---- both ---------------------------------------------------------------------------------------

bool partition_begin(struct partition_walk *w, const struct partition_disk *disk)
{
	bool protective = false;

	memset(w, 0, sizeof *w);
	w->disk = *disk;
	if (disk->sector_size < 512 || disk->sector_size > PARTITION_SECTOR || !read(w, 0))
		return false;
	if (!marked(w->sector))
		return true;
	w->kind = PARTITION_MBR;
	w->signature = le32(w->sector + MBR_SIGNATURE);
	memcpy(w->table, w->sector + MBR_TABLE, sizeof w->table);
	for (int i = 0; i < 4; i++)
		protective |= w->table[i][4] == TYPE_PROTECTIVE;
	if (protective && (begin_gpt(w, 1) || (disk->sectors && begin_gpt(w, disk->sectors - 1))))
		w->kind = PARTITION_GPT;
	w->number = 4;
	return true;
}

bool partition_next(struct partition_walk *w, struct partition *p)
{
	switch (w->kind) {
	case PARTITION_MBR:
		return next_mbr(w, p);
	case PARTITION_GPT:
		return next_gpt(w, p);
	default:
		return false;
	}
}

bool partition_has_guid(
	const struct partition_walk *w, const struct partition *p, const uint8_t guid[16])
{
	return w->kind == PARTITION_GPT && memcmp(p->entry + GPT_GUID_AT, guid, 16) == 0;
}

bool partition_has_name(
	const struct partition_walk *w, const struct partition *p, const char *name, size_t length)
{
	const uint8_t *there = p->entry + GPT_NAME_AT;

	if (w->kind != PARTITION_GPT || length == 0 || length > GPT_NAME)
		return false;
	for (size_t i = 0; i < GPT_NAME; i++) {
		if (i == length)
			return there[2 * i] == 0 && there[2 * i + 1] == 0;
		if (there[2 * i] != (uint8_t)name[i] || there[2 * i + 1])
			return false;
	}
	return true;
}

bool partition_read_guid(uint8_t guid[16], const char *text, size_t length)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	if (length != 36)
		return false;
	for (int i = 0; i < 16; i++) {
		uint32_t byte;

		if (i == 4 || i == 6 || i == 8 || i == 10)
			if (*text++ != '-')
				return false;
		if (!text_u32(text, 2, 16, &byte))
			return false;
		guid[order[i]] = (uint8_t)byte;
		text += 2;
	}
	return true;
}
