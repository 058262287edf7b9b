// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/chain.h"
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/place.h"
#include "bootloader/program.h"
#include "netstack/base/memory.h"

enum {
	FIRST_HARD_DISK = 0x80,
	HARD_DISKS = 16, // are searched
};

static bool read_sector(void *context, uint64_t sector, void *to)
{
	return platform_disk_read(*(uint8_t *)context, sector, to);
}

static bool open_drive(struct chain *c, uint8_t drive)
{
	struct partition_disk disk = {.read = read_sector, .context = &c->drive};
	struct platform_disk about;

	c->drive = drive;
	c->partition = (struct partition){0};
	if (!platform_disk(drive, &about))
		return false;
	disk.sector_size = about.sector_size;
	disk.sectors = about.sectors;
	return partition_begin(&c->walk, &disk);
}

// Whether the disk that has been opened is wanted itself, as far as its own number goes.
static bool is_disk(const struct chain *c)
{
	const struct chain_words *w = &c->words;

	if (w->by == CHAIN_SIGNATURE)
		return c->walk.kind == PARTITION_MBR && c->walk.signature == w->signature;
	if (w->by == CHAIN_GUID)
		return c->walk.kind == PARTITION_GPT && memcmp(c->walk.guid, w->guid, 16) == 0;
	return w->by <= CHAIN_NUMBER;
}

static bool is_partition(const struct chain *c, bool on_disk)
{
	const struct chain_words *w = &c->words;

	if (on_disk)
		return c->partition.number == w->partition;
	if (w->by == CHAIN_GUID)
		return partition_has_guid(&c->walk, &c->partition, w->guid);
	return w->by == CHAIN_NAME &&
	       partition_has_name(&c->walk, &c->partition, w->name.at, w->name.length);
}

// Whether what is wanted is on the disk that has been opened: then it is c->partition.
static bool is_wanted(struct chain *c)
{
	const bool on_disk = is_disk(c);

	if (on_disk && !c->words.partition)
		return true;
	while (partition_next(&c->walk, &c->partition))
		if (is_partition(c, on_disk))
			return true;
	return false;
}

static bool find(struct chain *c, const char *words, struct fault *fault)
{
	const bool one = c->words.by <= CHAIN_NUMBER;

	for (unsigned i = 0; i < (one ? 1 : HARD_DISKS); i++)
		if (open_drive(c, one ? c->words.drive : (uint8_t)(FIRST_HARD_DISK + i)) &&
			is_wanted(c))
			return true;
	return fault_set(
		fault, FAULT_DISK, "(chain.c32 %.80s: there is no such disk or partition)", words);
}

// A file without a place of its own lies where the sector would.
bool chain_has_sector(const struct chain_words *w)
{
	return w->sector && (!w->file.length || w->placed);
}

static bool needs_disk(const struct chain_words *w)
{
	return w->by != CHAIN_BOOT || w->partition || chain_has_sector(w);
}

static void leave(struct fault *fault)
{
	console_stage("leaving for the firmware's next boot device");
	platform_local_boot(0);
	fault_set(fault, FAULT_BOOT_RETURNED, "(no disk could be booted)");
}

static void chain(struct boot *b, struct chain *c, const char *words, struct fault *fault)
{
	const struct program_methods *bios = b->id->bios_programs;
	const struct chain_words *w = &c->words;

	if (!chain_read(&c->words, words, bios, fault))
		return;
	c->drive = w->drive;
	if (w->by == CHAIN_BOOT && !w->partition && !w->file.length) {
		leave(fault);
	} else if (!bios && w->file.length) {
		fault_set(fault, FAULT_IMAGE_TYPE,
			"(chain.c32 with a file: use LINUX with an EFI program)");
	} else if (needs_disk(w) && !find(c, words, fault)) {
		return;
	} else if (bios) {
		bios->chain(b, c, fault);
	} else {
		console_stage("starting what hd%u has for UEFI", c->drive & 0x7f);
		platform_boot_volume(c->drive, c->partition.start, fault);
	}
}

void chain_run(struct boot *b, const char *words, struct fault *fault)
{
	struct chain *c = (struct chain *)place_reserve(sizeof *c);

	if (!c) {
		fault_set(fault, FAULT_MEMORY, "to look at a disk");
		return;
	}
	memset(c, 0, sizeof *c);
	milestones_begin(b);
	chain(b, c, words, fault);
	milestone_fault(b, fault);
	platform_release((uint8_t *)c, sizeof *c);
}
