// SPDX-License-Identifier: BSD-2-Clause
// Linux as an EFI program (Documentation/admin-guide/efi-stub.rst): the firmware loads it from
// memory, and verifies it where Secure Boot is on; its command line are the load options; it asks
// for its initrd itself.
#include "efi/boot_linux.h"
#include "efi/cards.h"
#include "efi/console.h"
#include "efi/device_tree.h"
#include "efi/firmware.h"
#include "efi/initrd.h"
#include "efi/processor.h"
#include "efi/watchdog.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum {
	COMMAND_LINE_MAX = 2047, // Linux's stub cuts longer ones to a few characters, in silence
	PE_POINTER = 0x3c,
	PE_IMAGE_MAJOR = 0x44,   // from the PE signature: MajorImageVersion
	PE_HEADER = 0x60,
};

static const EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static CHAR16 load_options[COMMAND_LINE_MAX + 1];

static uint32_t number(const uint8_t *at, unsigned bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

// Kernels since 5.8 say by their image's version that they ask for an initrd in our way.
static bool asks_for_initrd(const struct platform_linux *boot)
{
	uint64_t pe;

	if (boot->kernel_size < PE_POINTER + 4)
		return false;
	pe = number(boot->kernel + PE_POINTER, 4);
	return pe + PE_HEADER <= boot->kernel_size && number(boot->kernel + pe + PE_IMAGE_MAJOR, 2) >= 1;
}

static bool check(const struct platform_linux *boot, struct fault *fault)
{
	const size_t words = strlen(boot->command_line);

	if (words > COMMAND_LINE_MAX)
		return fault_set(fault, FAULT_COMMAND_LINE, "(%zu characters, %u are possible here)",
			words, COMMAND_LINE_MAX);
	if (!boot->image->pe)
		return fault_set(fault, FAULT_KERNEL_BAD,
			": it is for a BIOS, and this machine has started by UEFI");
	if (boot->initrd_size && !boot->image->program && !asks_for_initrd(boot))
		return fault_set(fault, FAULT_KERNEL_BAD,
			": it is from before Linux 5.8 and would start on UEFI without its initrd");
	return true;
}

static bool refused(struct fault *fault, EFI_STATUS status, const char *doing)
{
	if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
		return fault_set(fault, FAULT_SECURE_BOOT, "(%s: %s)", doing, firmware_status(status));
	return fault_set(fault, FAULT_BOOT_RETURNED, "(%s: %s, 0x%llx)", doing, firmware_status(status),
		(unsigned long long)status);
}

// The firmware wants to know where an image comes from: here it is memory.
static EFI_STATUS load(const struct platform_linux *boot, EFI_HANDLE *image)
{
	struct {
		MEMMAP_DEVICE_PATH memory;
		EFI_DEVICE_PATH end;
	} __attribute__((packed)) path = {
		{{HARDWARE_DEVICE_PATH, HW_MEMMAP_DP, {sizeof(MEMMAP_DEVICE_PATH), 0}}, EfiLoaderData,
			(uintptr_t)boot->kernel, (uintptr_t)boot->kernel + boot->kernel_size},
		{END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {sizeof(EFI_DEVICE_PATH), 0}},
	};
	EFI_STATUS status;

	*image = NULL;
	status = firmware_services->LoadImage(FALSE, firmware_image, (EFI_DEVICE_PATH *)&path,
		boot->kernel, boot->kernel_size, image);
	if (EFI_ERROR(status) && *image) // loaded in spite of its signature
		firmware_services->UnloadImage(*image);
	return status;
}

static void set_options(EFI_HANDLE image, const char *words)
{
	EFI_LOADED_IMAGE *loaded = firmware_protocol(image, &image_guid);
	size_t length = 0;

	for (; words[length]; length++)
		load_options[length] = (uint8_t)words[length];
	load_options[length] = 0;
	if (!loaded)
		return;
	loaded->LoadOptions = load_options;
	loaded->LoadOptionsSize = (UINT32)((length + 1) * sizeof *load_options);
}

// Other programs than Linux may want the firmware's network.
EFI_STATUS boot_linux_start(EFI_HANDLE image, bool program)
{
	CHAR16 *exit_data = NULL;
	UINTN exit_size = 0;
	EFI_STATUS status;

	cards_close();
	if (program)
		cards_return();
	watchdog_arm();
	status = firmware_services->StartImage(image, &exit_size, &exit_data);
	watchdog_arm();
	if (exit_data)
		firmware_services->FreePool(exit_data);
	cards_reopen();
	return status;
}

bool platform_boot_linux(const struct platform_linux *boot, struct fault *fault)
{
	const struct device_tree_ops *trees = processor_trees();
	EFI_HANDLE image;
	EFI_STATUS status;

	if (!check(boot, fault))
		return false;
	console_flush();
	status = load(boot, &image);
	if (EFI_ERROR(status))
		return refused(fault, status, "loading it");
	status = initrd_offer(boot->initrd, boot->initrd_size);
	if (EFI_ERROR(status)) {
		firmware_services->UnloadImage(image);
		return refused(fault, status, "offering the initrd");
	}
	if (boot->trees && trees && !trees->install(boot->trees, fault)) {
		initrd_withdraw();
		firmware_services->UnloadImage(image);
		return false;
	}
	set_options(image, boot->command_line);
	status = boot_linux_start(image, boot->image->program);
	if (boot->trees && trees)
		trees->restore();
	initrd_withdraw();
	return refused(fault, status, "it ended with");
}
