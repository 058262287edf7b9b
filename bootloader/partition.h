// SPDX-License-Identifier: BSD-2-Clause
// Partition tables as they stand on disks: the MBR's four entries, the chain of logical partitions
// behind an extended one, and GPT (UEFI 2.10, section 5.3). Only reads, by a function of the
// caller's.
//
// Every byte is a stranger's. A chain of logical partitions that leads back to itself, or is longer
// than PARTITION_LOGICAL, ends; a GPT counts only with the right checksums, else its second copy at
// the disk's end, else the MBR.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARTITION_SECTOR = 4096, PARTITION_LOGICAL = 60 };

struct partition_disk {
	// Reads one sector. False if that is not possible.
	bool (*read)(void *context, uint64_t sector, void *to);
	void *context;
	uint32_t sector_size; // bytes, 512 to PARTITION_SECTOR
	uint64_t sectors;     // 0: not known
};

struct partition {
	unsigned number; // MBR: 1 to 4, logical ones from 5 on; GPT: the entry's place; 0: the disk
	uint64_t start, length; // sectors
	// As it stands there: 16 bytes of an MBR, more of a GPT. Valid until the next call.
	const uint8_t *entry;
	uint32_t entry_size;
};

enum partition_kind { PARTITION_NONE, PARTITION_MBR, PARTITION_GPT };

// A walk through a disk's partitions.
struct partition_walk {
	struct partition_disk disk;
	enum partition_kind kind;
	uint32_t signature; // MBR: the disk's
	uint8_t guid[16];   // GPT: the disk's, as it stands there
	// The following is partition_next's own.
	unsigned next;      // entry
	unsigned number;    // of the latest logical partition
	uint32_t container; // where the extended partition begins, 0: there is none
	uint32_t chain;     // the next link of the logical ones, 0: no more
	uint32_t seen[PARTITION_LOGICAL];
	unsigned links;
	uint64_t entries; // GPT: their first sector
	uint32_t count, entry_size;
	uint8_t sector[PARTITION_SECTOR];
	uint8_t table[4][16]; // the MBR's
};

// Begins a walk. False if the disk cannot be read; a disk without any table has no partitions.
bool partition_begin(struct partition_walk *w, const struct partition_disk *disk);
// The next partition that is not empty. False if there is none.
bool partition_next(struct partition_walk *w, struct partition *p);
// Whether it is a GPT's with this GUID (bytes as they stand on the disk), or with this name
// (ASCII).
bool partition_has_guid(
	const struct partition_walk *w, const struct partition *p, const uint8_t guid[16]);
bool partition_has_name(
	const struct partition_walk *w, const struct partition *p, const char *name, size_t length);
// "01234567-89ab-cdef-0123-456789abcdef" in the order in which disks have it. False if it is none.
bool partition_read_guid(uint8_t guid[16], const char *text, size_t length);
