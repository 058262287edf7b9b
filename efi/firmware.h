// SPDX-License-Identifier: BSD-2-Clause
// The firmware seen from C: its tables, protocols by handle, its status codes in words.
#pragma once

#include <efi.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern EFI_HANDLE firmware_image;            // our own
extern EFI_SYSTEM_TABLE *firmware_table;
extern EFI_BOOT_SERVICES *firmware_services;

// A protocol's interface on a handle; NULL if it is not there.
void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid);
// The only or first instance of a protocol; NULL if there is none.
void *firmware_first(const EFI_GUID *guid);
// All handles with a protocol, for FreePool; gives their number. *handles is NULL if there are none.
size_t firmware_handles(const EFI_GUID *guid, EFI_HANDLE **handles);
// A table that the firmware has installed (SMBIOS), NULL if it has not.
void *firmware_configuration(const EFI_GUID *guid);
// "Security Violation" (UEFI 2.10, appendix D); for others a word that says that it is unknown.
const char *firmware_status(EFI_STATUS status);
