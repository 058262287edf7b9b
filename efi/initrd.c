// SPDX-License-Identifier: BSD-2-Clause
#include "efi/initrd.h"
#include "efi/firmware.h"
#include "efi/path.h"
#include "netstack/base/memory.h"

struct load_file2 { // gnu-efi knows only LoadFile, whose shape is the same
	EFI_STATUS (EFIAPI *LoadFile)(struct load_file2 *this, EFI_DEVICE_PATH *path,
		BOOLEAN boot_policy, UINTN *size, void *buffer);
};

static const EFI_GUID load_file2_guid =
	{0x4006c0c1, 0xfcb3, 0x403e, {0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d}};
static const EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

static struct {
	VENDOR_DEVICE_PATH vendor;
	EFI_DEVICE_PATH end;
} __attribute__((packed)) const media_path = {
	{{MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, {sizeof(VENDOR_DEVICE_PATH), 0}},
		{0x5568e427, 0x68fc, 0x4f3d, {0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68}}},
	{END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {sizeof(EFI_DEVICE_PATH), 0}},
};

static const uint8_t *offered;
static uint64_t offered_size;
static EFI_HANDLE handle;

static EFI_STATUS EFIAPI load(struct load_file2 *this, EFI_DEVICE_PATH *path, BOOLEAN boot_policy,
	UINTN *size, void *buffer)
{
	if (!this || !path || !size)
		return EFI_INVALID_PARAMETER;
	if (boot_policy)
		return EFI_UNSUPPORTED;
	if (!buffer || *size < offered_size) {
		*size = offered_size;
		return EFI_BUFFER_TOO_SMALL;
	}
	*size = offered_size;
	memcpy(buffer, offered, offered_size);
	return EFI_SUCCESS;
}

static struct load_file2 protocol = {load};

// Whose offer it is does not matter: Linux would take the first that it finds.
static void remove_older(void)
{
	EFI_DEVICE_PATH *path = (EFI_DEVICE_PATH *)&media_path;
	EFI_HANDLE other;
	void *file, *where;

	if (firmware_services->LocateDevicePath((EFI_GUID *)&load_file2_guid, &path, &other) ||
		path_length(path))
		return;
	file = firmware_protocol(other, &load_file2_guid);
	where = firmware_protocol(other, &path_guid);
	firmware_services->UninstallMultipleProtocolInterfaces(other, &load_file2_guid, file, &path_guid,
		where, NULL);
}

EFI_STATUS initrd_offer(const uint8_t *bytes, uint64_t size)
{
	initrd_withdraw();
	remove_older();
	if (!size)
		return EFI_SUCCESS;
	offered = bytes;
	offered_size = size;
	return firmware_services->InstallMultipleProtocolInterfaces(&handle, &path_guid, &media_path,
		&load_file2_guid, &protocol, NULL);
}

void initrd_withdraw(void)
{
	if (handle)
		firmware_services->UninstallMultipleProtocolInterfaces(handle, &path_guid, &media_path,
			&load_file2_guid, &protocol, NULL);
	handle = NULL;
}
