// SPDX-License-Identifier: BSD-2-Clause
// efi/disk.c on a firmware with media that are no disks, disks without a reader's luck, and partitions
// whose boot programs are missing, refused, or come back.
#include "efi/disk.c"
#include "efi/path.c"
#include "tests/unit/vectors.h"

#define PCI(n) "0101 0600 000" n " "
#define HD(number, start) "0401 2a00 " number "000000 " start "00000000000000 00*8 00*16 01 01 "
#define CUT "0401 0800 01000000 "
#define END "7fff 0400"

enum { HANDLES = 8, SECTOR = 512 };

static struct machine_handle {
	const char *path;
	bool block, volume;
	EFI_BLOCK_IO_MEDIA media;
	EFI_BLOCK_IO_PROTOCOL io;
	struct bytes bytes;
} handles[HANDLES];

static struct {
	unsigned reads, loads, started, unloaded, freed;
	EFI_STATUS read_status, load_status[HANDLES]; // of the handle that the path begins with
	size_t from;                                  // handle of the image started
	bool image_in_spite;
	EFI_HANDLE list[HANDLES];
} machine;

static EFI_BOOT_SERVICES services;
EFI_BOOT_SERVICES *firmware_services = &services;
EFI_HANDLE firmware_image = &services;

static EFI_STATUS EFIAPI fake_read(EFI_BLOCK_IO_PROTOCOL *io, UINT32 id, EFI_LBA sector, UINTN size, VOID *to)
{
	assert_int_equal(id, 7);
	assert_int_equal(size, io->Media->BlockSize);
	machine.reads++;
	if (sector > io->Media->LastBlock)
		return EFI_INVALID_PARAMETER;
	memset(to, (int)sector, size);
	return machine.read_status;
}

size_t firmware_handles(const EFI_GUID *guid, EFI_HANDLE **list)
{
	size_t count = 0;

	for (size_t i = 0; i < HANDLES; i++)
		if (memcmp(guid, &block_guid, sizeof *guid) == 0 ? handles[i].block : handles[i].volume)
			machine.list[count++] = &handles[i];
	*list = machine.list;
	return count;
}

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	struct machine_handle *h = handle;

	if (memcmp(guid, &path_guid, sizeof *guid) == 0)
		return h->bytes.at;
	return memcmp(guid, &block_guid, sizeof *guid) == 0 && h->block ? &h->io : NULL;
}

const char *firmware_status(EFI_STATUS status)
{
	return status == EFI_NOT_FOUND ? "Not Found" : "another";
}

uint16_t processor_arch(void)
{
	return 7;
}

void console_flush(void)
{
}

EFI_STATUS boot_linux_start(EFI_HANDLE image, bool program)
{
	assert_true(program);
	machine.started++;
	machine.from = (size_t)((struct machine_handle *)image - handles);
	return EFI_ABORTED;
}

// The handle whose path it is, with the file behind it.
static EFI_STATUS EFIAPI fake_load(BOOLEAN policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path, VOID *bytes,
	UINTN size, EFI_HANDLE *image)
{
	static const char name[] = "\\EFI\\BOOT\\BOOTX64.EFI";
	const FILEPATH_DEVICE_PATH *file = (const FILEPATH_DEVICE_PATH *)path_find(path, MEDIA_DEVICE_PATH,
		MEDIA_FILEPATH_DP);

	assert_true(!policy && parent == firmware_image && !bytes && !size && file);
	for (size_t i = 0; i < sizeof name; i++)
		assert_int_equal(((const uint8_t *)file)[4 + 2 * i], name[i]);
	machine.loads++;
	for (size_t i = 0; i < HANDLES; i++) {
		const EFI_DEVICE_PATH *own = (const EFI_DEVICE_PATH *)handles[i].bytes.at;

		if (!handles[i].volume || path_length(own) + 68 != path_length(path) || !path_starts(path, own))
			continue;
		*image = !machine.load_status[i] || machine.image_in_spite ? &handles[i] : NULL;
		return machine.load_status[i];
	}
	fail();
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI fake_unload(EFI_HANDLE image)
{
	assert_non_null(image);
	machine.unloaded++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free(VOID *memory)
{
	assert_ptr_equal(memory, machine.list);
	machine.freed++;
	return EFI_SUCCESS;
}

static void add(size_t number, const char *path, bool block, bool partition, bool present, bool volume)
{
	struct machine_handle *h = &handles[number];

	h->bytes = from_hex(path);
	h->block = block;
	h->volume = volume;
	h->media = (EFI_BLOCK_IO_MEDIA){.MediaId = 7, .LogicalPartition = partition, .MediaPresent = present,
		.BlockSize = SECTOR, .LastBlock = 99};
	h->io.Media = &h->media;
	h->io.ReadBlocks = fake_read;
}

// An empty drive, a disk with two partitions and a broken path, and a disk that is a file system itself.
static int set_up(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	memset(handles, 0, sizeof handles);
	services.LoadImage = fake_load;
	services.UnloadImage = fake_unload;
	services.FreePool = fake_free;
	add(0, PCI("1") END, true, false, false, false);
	add(1, PCI("2") END, true, false, true, false);
	add(2, PCI("2") HD("01", "3f") END, true, true, true, true);
	add(3, PCI("2") HD("02", "50") END, true, true, true, true);
	add(4, PCI("2") CUT END, false, false, false, true);
	add(5, PCI("3") END, true, false, true, true);
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < HANDLES; i++)
		if (handles[i].bytes.at)
			exact_free(&handles[i].bytes);
	return 0;
}

static void disks(void **state)
{
	struct platform_disk disk;
	uint8_t sector[SECTOR];

	(void)state;
	assert_true(platform_disk(0x80, &disk));
	assert_int_equal(disk.sector_size, SECTOR);
	assert_int_equal(disk.sectors, 100);
	assert_true(platform_disk(0x81, &disk));
	assert_false(platform_disk(0x82, &disk));
	assert_false(platform_disk(0, &disk)); // floppies
	assert_true(platform_disk_read(0x80, 5, sector));
	assert_int_equal(sector[SECTOR - 1], 5);
	assert_false(platform_disk_read(0x80, 100, sector));
	assert_false(platform_disk_read(0x82, 0, sector));
	machine.read_status = EFI_DEVICE_ERROR;
	assert_false(platform_disk_read(0x80, 5, sector));
	handles[1].media.BlockSize = 8192;
	machine.reads = 0;
	assert_false(platform_disk(0x80, &disk));
	assert_false(platform_disk_read(0x80, 0, sector));
	assert_int_equal(machine.reads, 0);
}

static void boot(uint8_t drive, uint64_t start, enum fault_id id, const char *words)
{
	struct fault fault = {0};

	machine.loads = machine.started = 0;
	assert_false(platform_boot_volume(drive, start, &fault));
	assert_int_equal(fault.id, id);
	assert_contains(fault.facts, words);
}

static void partitions(void **state)
{
	(void)state;
	boot(0x80, 0x50, FAULT_BOOT_RETURNED, "ended with");
	assert_int_equal(machine.from, 3);
	boot(0x80, 0x3f, FAULT_BOOT_RETURNED, "ended with");
	assert_int_equal(machine.from, 2);
	boot(0x80, 0x51, FAULT_DISK, "BOOTX64.EFI");
	assert_int_equal(machine.loads, 0);
	boot(0x81, 0, FAULT_BOOT_RETURNED, "ended with");
	assert_int_equal(machine.from, 5);
	boot(0x82, 0, FAULT_DISK, "cannot read it");
	machine.load_status[2] = EFI_NOT_FOUND; // the first that has one
	boot(0x80, 0, FAULT_BOOT_RETURNED, "ended with");
	assert_int_equal(machine.from, 3);
	assert_int_equal(machine.loads, 2);
	assert_int_equal(machine.unloaded, 0);
}

static void refusals(void **state)
{
	(void)state;
	machine.load_status[2] = machine.load_status[3] = machine.load_status[4] = EFI_NOT_FOUND;
	boot(0x80, 0, FAULT_DISK, "Not Found");
	machine.load_status[2] = EFI_SECURITY_VIOLATION;
	machine.image_in_spite = true;
	boot(0x80, 0, FAULT_SECURE_BOOT, "boot program");
	assert_int_equal(machine.loads, 1);
	assert_int_equal(machine.unloaded, 1);
	assert_int_equal(machine.started, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(disks, set_up, clean_up),
		cmocka_unit_test_setup_teardown(partitions, set_up, clean_up),
		cmocka_unit_test_setup_teardown(refusals, set_up, clean_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
