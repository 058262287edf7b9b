// SPDX-License-Identifier: BSD-2-Clause
// An EFI program that does what a person does in a firmware's setup: makes VLAN 5 on every network card,
// and boots by PXE in it. Started from a disk; it comes back when it cannot.
#include <efi.h>

enum { VLAN = 5 };

struct vlan_config { // EFI_VLAN_CONFIG_PROTOCOL (UEFI 2.10, section 27.1)
	EFI_STATUS (EFIAPI *Set)(struct vlan_config *, UINT16 id, UINT8 priority);
	void *Find, *Remove;
};

static EFI_GUID vlan_guid = {0x9e23d768, 0xd2f3, 0x4366, {0x9f, 0xc3, 0x3a, 0x7a, 0xba, 0x86, 0x43, 0x74}};
static EFI_GUID load_guid = LOAD_FILE_PROTOCOL;
static EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

// Whether it goes through a VLAN to IPv4, and to no address yet that HTTP Boot would ask for.
static BOOLEAN is_pxe(const EFI_DEVICE_PATH *node)
{
	BOOLEAN vlan = FALSE, ip = FALSE, uri = FALSE;

	for (; node->Type != END_DEVICE_PATH_TYPE;
		node = (const void *)((const UINT8 *)node + DevicePathNodeLength(node))) {
		if (node->Type != MESSAGING_DEVICE_PATH)
			continue;
		vlan |= node->SubType == MSG_VLAN_DP;
		ip |= node->SubType == MSG_IPv4_DP;
		uri |= node->SubType == MSG_URI_DP;
	}
	return vlan && ip && !uri;
}

static void connect_all(EFI_BOOT_SERVICES *bs)
{
	EFI_HANDLE *handles;
	UINTN count = 0;

	bs->LocateHandleBuffer(AllHandles, NULL, NULL, &count, &handles);
	for (UINTN i = 0; i < count; i++)
		bs->ConnectController(handles[i], NULL, NULL, TRUE);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	EFI_BOOT_SERVICES *bs = table->BootServices;
	EFI_HANDLE *handles, program;
	EFI_STATUS status;
	UINTN count = 0;
	void *found;

	connect_all(bs);
	bs->LocateHandleBuffer(ByProtocol, &vlan_guid, NULL, &count, &handles);
	for (UINTN i = 0; i < count; i++) {
		bs->HandleProtocol(handles[i], &vlan_guid, &found);
		((struct vlan_config *)found)->Set(found, VLAN, 0);
	}
	connect_all(bs);
	count = 0;
	bs->LocateHandleBuffer(ByProtocol, &load_guid, NULL, &count, &handles);
	for (UINTN i = 0; i < count; i++) {
		if (bs->HandleProtocol(handles[i], &path_guid, &found) || !is_pxe(found))
			continue;
		status = bs->LoadImage(TRUE, image, found, NULL, 0, &program);
		return status ? status : bs->StartImage(program, NULL, NULL);
	}
	table->ConOut->OutputString(table->ConOut, L"no PXE in a VLAN\r\n");
	return EFI_NOT_FOUND;
}
