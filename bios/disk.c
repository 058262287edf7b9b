// SPDX-License-Identifier: BSD-2-Clause
// Disks by INT 13h: the extended functions (EDD-3, section 8) where the BIOS has them for the
// drive; else only the first sector, which needs no geometry.
#include "bios/real.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum {
	HARD_DISKS = 0x475, // BIOS data area: how many there are
	TRIES = 3,
	SECTOR_MAX = 4096,
};

struct parameters { // of function 48h
	uint16_t size, flags;
	uint32_t cylinders, heads, track;
	uint64_t sectors;
	uint16_t sector_size;
	uint32_t edd;
} __attribute__((packed));

struct address_packet {
	uint16_t size, count;
	uint32_t buffer; // segment:offset
	uint64_t sector;
};

static uint8_t buffer[SECTOR_MAX] __attribute__((aligned(16)));

static bool call(struct real_regs *regs, uint16_t function, uint8_t drive, const void *low)
{
	regs->eax = function;
	regs->edx = drive;
	regs->ds = (uint16_t)(far_of(low) >> 16);
	regs->esi = far_of(low) & 0xffff;
	real_int(0x13, regs);
	return !(regs->flags & REAL_CARRY);
}

static bool is_extended(uint8_t drive)
{
	struct real_regs regs = {.ebx = 0x55aa};

	return call(&regs, 0x4100, drive, buffer) && (regs.ebx & 0xffff) == 0xaa55 && regs.ecx & 1;
}

bool platform_disk(uint8_t drive, struct platform_disk *disk)
{
	struct parameters p = {.size = 26};
	struct real_regs regs = {0}, reset = {0};

	*disk = (struct platform_disk){512, 0};
	if (drive >= 0x80 && drive - 0x80 >= *at_address(HARD_DISKS))
		return false;
	if (!is_extended(drive))
		return call(&reset, 0, drive, buffer);
	if (call(&regs, 0x4800, drive, &p) && p.sector_size >= 512 && p.sector_size <= SECTOR_MAX) {
		disk->sector_size = p.sector_size;
		disk->sectors = p.sectors;
	}
	return true;
}

static bool read(uint8_t drive, uint64_t sector)
{
	struct address_packet packet = {
		.size = 16, .count = 1, .buffer = far_of(buffer), .sector = sector};
	struct real_regs regs = {
		.ecx = 1, .es = (uint16_t)(far_of(buffer) >> 16), .ebx = far_of(buffer) & 0xffff};

	if (is_extended(drive))
		return call(&regs, 0x4200, drive, &packet);
	return sector == 0 && call(&regs, 0x0201, drive, buffer);
}

bool platform_disk_read(uint8_t drive, uint64_t sector, void *to)
{
	struct platform_disk disk;

	if (!platform_disk(drive, &disk))
		return false;
	for (int try = 0; try < TRIES; try++) {
		struct real_regs reset = {0};

		if (read(drive, sector)) {
			memcpy(to, buffer, disk.sector_size);
			return true;
		}
		call(&reset, 0, drive, buffer);
	}
	return false;
}

bool platform_boot_volume(uint8_t drive, uint64_t start, struct fault *fault)
{
	(void)drive;
	(void)start;
	return fault_set(fault, FAULT_IMAGE_TYPE, "(a BIOS knows no file systems)");
}
