// SPDX-License-Identifier: BSD-2-Clause
#include "efi/firmware.h"
#include "netstack/base/memory.h"

EFI_HANDLE firmware_image;
EFI_SYSTEM_TABLE *firmware_table;
EFI_BOOT_SERVICES *firmware_services;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	void *interface = NULL;

	if (!handle || firmware_services->HandleProtocol(handle, (EFI_GUID *)guid, &interface))
		return NULL;
	return interface;
}

void *firmware_first(const EFI_GUID *guid)
{
	void *interface = NULL;

	if (firmware_services->LocateProtocol((EFI_GUID *)guid, NULL, &interface))
		return NULL;
	return interface;
}

size_t firmware_handles(const EFI_GUID *guid, EFI_HANDLE **handles)
{
	UINTN count = 0;

	*handles = NULL;
	if (firmware_services->LocateHandleBuffer(ByProtocol, (EFI_GUID *)guid, NULL, &count, handles))
		return 0;
	return count;
}

static bool same_guid(const EFI_GUID *a, const EFI_GUID *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

void *firmware_configuration(const EFI_GUID *guid)
{
	for (UINTN i = 0; i < firmware_table->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *entry = &firmware_table->ConfigurationTable[i];

		if (same_guid(&entry->VendorGuid, guid))
			return entry->VendorTable;
	}
	return NULL;
}

const char *firmware_status(EFI_STATUS status)
{
	static const char *const errors[] = {
		NULL, "Load Error", "Invalid Parameter", "Unsupported", "Bad Buffer Size",
		"Buffer Too Small", "Not Ready", "Device Error", "Write Protected", "Out of Resources",
		"Volume Corrupted", "Volume Full", "No Media", "Media Changed", "Not Found",
		"Access Denied", "No Response", "No Mapping", "Timeout", "Not Started",
		"Already Started", "Aborted", "ICMP Error", "TFTP Error", "Protocol Error",
		"Incompatible Version", "Security Violation", "CRC Error", "End of Media",
		NULL, NULL, "End of File", "Invalid Language", "Compromised Data",
	};
	const UINTN number = status & 0xffff;

	if (status == EFI_SUCCESS)
		return "Success";
	if (EFI_ERROR(status) && number < sizeof errors / sizeof *errors && errors[number])
		return errors[number];
	return "an unknown status";
}
