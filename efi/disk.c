// SPDX-License-Identifier: BSD-2-Clause
// Disks and what they have for UEFI (UEFI 2.10, sections 3.5 and 13). Hard disks are the media that
// are no partitions of others, in the firmware's order. A partition's handle is known by its device
// path: the disk's own, and one node more that says where it begins.
#include "efi/boot_linux.h"
#include "efi/console.h"
#include "efi/firmware.h"
#include "efi/path.h"
#include "efi/processor.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum {
	FIRST_HARD_DISK = 0x80,
	START = 8, // of a partition, in its node
	SECTOR_MAX = 4096,
	PATH_MAX_LENGTH = 1024,
	FILE_NAME = 32,
	ARCH_ARM64 = 11
};

static const EFI_GUID block_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static const EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static const EFI_GUID volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

static EFI_HANDLE find_disk(uint8_t drive, EFI_BLOCK_IO_PROTOCOL **block)
{
	const size_t number = drive & 0x7f;
	EFI_HANDLE *handles, found = NULL;
	const size_t count = drive & FIRST_HARD_DISK ? firmware_handles(&block_guid, &handles) : 0;
	size_t seen = 0;

	if (!count)
		return NULL;
	for (size_t i = 0; i < count && !found; i++) {
		const EFI_BLOCK_IO_MEDIA *media;

		*block = firmware_protocol(handles[i], &block_guid);
		media = *block ? (*block)->Media : NULL;
		if (media && !media->LogicalPartition && media->MediaPresent && seen++ == number)
			found = handles[i];
	}
	firmware_services->FreePool(handles);
	return found;
}

bool platform_disk(uint8_t drive, struct platform_disk *disk)
{
	EFI_BLOCK_IO_PROTOCOL *block;

	if (!find_disk(drive, &block) || block->Media->BlockSize < 512 ||
		block->Media->BlockSize > SECTOR_MAX)
		return false;
	*disk = (struct platform_disk){block->Media->BlockSize, block->Media->LastBlock + 1};
	return true;
}

bool platform_disk_read(uint8_t drive, uint64_t sector, void *to)
{
	static uint8_t aligned[SECTOR_MAX] __attribute__((aligned(SECTOR_MAX)));
	EFI_BLOCK_IO_PROTOCOL *block;

	if (!find_disk(drive, &block) || block->Media->BlockSize > SECTOR_MAX ||
		block->ReadBlocks(
			block, block->Media->MediaId, sector, block->Media->BlockSize, aligned))
		return false;
	memcpy(to, aligned, block->Media->BlockSize);
	return true;
}

// ---- starting -----------------------------------------------------------------------------------

// Whether the file system is on that disk, and on the partition that begins there.
static bool lies_on(const EFI_DEVICE_PATH *volume, const EFI_DEVICE_PATH *disk, uint64_t start)
{
	const EFI_DEVICE_PATH *part = path_find(volume, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP);
	uint64_t begins;

	if (!path_starts(volume, disk))
		return false;
	if (!start)
		return true;
	if (!part || part->Length[0] < START + sizeof begins)
		return false;
	memcpy(&begins, (const uint8_t *)part + START, sizeof begins); // it may lie anywhere
	return begins == start;
}

// Where the boot program for this kind of machine is on a medium that no boot option speaks of.
static const char *boot_file(void)
{
	return processor_arch() == ARCH_ARM64 ? "\\EFI\\BOOT\\BOOTAA64.EFI"
					      : "\\EFI\\BOOT\\BOOTX64.EFI";
}

// The volume's path with the file's behind it.
static EFI_STATUS load_from(const EFI_DEVICE_PATH *volume, EFI_HANDLE *image)
{
	static uint8_t path[PATH_MAX_LENGTH];
	const char *text = boot_file();
	CHAR16 name[FILE_NAME];
	const size_t length = path_length(volume);
	EFI_DEVICE_PATH node = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, {4 + sizeof name, 0}};
	const EFI_DEVICE_PATH end = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {4, 0}};

	if (length + 2 * sizeof node + sizeof name > sizeof path)
		return EFI_NOT_FOUND;
	memset(name, 0, sizeof name);
	for (size_t i = 0; text[i]; i++)
		name[i] = (uint8_t)text[i];
	memcpy(path, volume, length);
	memcpy(path + length, &node, sizeof node);
	memcpy(path + length + sizeof node, name, sizeof name);
	memcpy(path + length + sizeof node + sizeof name, &end, sizeof end);
	*image = NULL;
	return firmware_services->LoadImage(
		FALSE, firmware_image, (EFI_DEVICE_PATH *)path, NULL, 0, image);
}

static bool start_first(const EFI_DEVICE_PATH *disk, uint64_t where, struct fault *fault)
{
	EFI_HANDLE *volumes, image = NULL;
	const size_t count = firmware_handles(&volume_guid, &volumes);
	EFI_STATUS status = EFI_NOT_FOUND;

	for (size_t i = 0; i < count && EFI_ERROR(status); i++) {
		const EFI_DEVICE_PATH *volume = firmware_protocol(volumes[i], &path_guid);

		if (!volume || !lies_on(volume, disk, where))
			continue;
		status = load_from(volume, &image);
		if (EFI_ERROR(status) && image)
			firmware_services->UnloadImage(image);
		if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
			break;
	}
	if (count)
		firmware_services->FreePool(volumes);
	if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
		return fault_set(fault, FAULT_SECURE_BOOT, "(the disk's boot program: %s)",
			firmware_status(status));
	if (EFI_ERROR(status))
		return fault_set(fault, FAULT_DISK, ": no %s that could be loaded from it (%s)",
			boot_file(), firmware_status(status));
	console_flush();
	status = boot_linux_start(image, true);
	return fault_set(fault, FAULT_BOOT_RETURNED, "(the disk's boot program ended with: %s)",
		firmware_status(status));
}

bool platform_boot_volume(uint8_t drive, uint64_t where, struct fault *fault)
{
	EFI_BLOCK_IO_PROTOCOL *block;
	EFI_HANDLE disk = find_disk(drive, &block);
	const EFI_DEVICE_PATH *path = disk ? firmware_protocol(disk, &path_guid) : NULL;

	if (!path)
		return fault_set(fault, FAULT_DISK, ": the firmware cannot read it");
	return start_first(path, where, fault);
}

bool platform_boot_program(const struct platform_program *program, struct fault *fault)
{
	(void)program;
	return fault_set(fault, FAULT_IMAGE_TYPE, "(a program for a BIOS)");
}
