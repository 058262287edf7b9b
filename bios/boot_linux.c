// SPDX-License-Identifier: BSD-2-Clause
// Entering Linux through its 16-bit setup code (Documentation/arch/x86/boot.rst, "Running the
// kernel"), which then asks the firmware itself for memory map, video mode and disks.
//
// The setup code gets one segment below what BIOS and ROM keep at the top of base memory:
//     0000 setup code (setup_size bytes)  ...  stack and heap  e000 command line  ... 10000
// The protected-mode part already lies where it is to run (platform_reserve_kernel).
#include "bios/console.h"
#include "bios/leave.h"
#include "bios/memory.h"
#include "bios/real.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum { // offsets into the setup header
	SETUP_VID_MODE = 0x1fa,
	SETUP_LOADER = 0x210,
	SETUP_LOADFLAGS = 0x211,
	SETUP_CODE32_START = 0x214,
	SETUP_RAMDISK_IMAGE = 0x218,
	SETUP_RAMDISK_SIZE = 0x21c,
	SETUP_HEAP_END = 0x224,
	SETUP_CMD_LINE = 0x228,
	SETUP_DATA = 0x250,
};

enum {
	LOADER_UNKNOWN = 0xff,
	CAN_USE_HEAP = 0x80,
	HEAP_END = 0xe000,
	SEGMENT = 0x10000,
	COMMAND_LINE_MAX = SEGMENT - HEAP_END - 16,
	SETUP_MAX = 0x8000,
	PROTOCOL_SETUP_DATA = 0x0209,
};

extern const uint8_t image_end[]; // lanyard.ld

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof value);
}

static void put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof value);
}

static void fill_header(uint8_t *setup, const struct platform_linux *boot, uint32_t target)
{
	put16(setup + SETUP_VID_MODE, boot->video_mode);
	setup[SETUP_LOADER] = LOADER_UNKNOWN;
	setup[SETUP_LOADFLAGS] |= CAN_USE_HEAP;
	put32(setup + SETUP_CODE32_START, target);
	put32(setup + SETUP_RAMDISK_IMAGE, boot->initrd_size ? (uint32_t)(uintptr_t)boot->initrd : 0);
	put32(setup + SETUP_RAMDISK_SIZE, (uint32_t)boot->initrd_size);
	put16(setup + SETUP_HEAP_END, HEAP_END - 0x200);
	put32(setup + SETUP_CMD_LINE, (uint32_t)(uintptr_t)setup + HEAP_END);
	if (boot->image->protocol >= PROTOCOL_SETUP_DATA)
		memset(setup + SETUP_DATA, 0, 8);
}

static bool check(const struct platform_linux *boot, uint32_t place, size_t words,
	struct fault *fault)
{
	if (boot->image->setup_size > SETUP_MAX)
		return fault_set(fault, FAULT_KERNEL_BAD, "(its setup code of %u bytes is too large)",
			boot->image->setup_size);
	if (words >= COMMAND_LINE_MAX)
		return fault_set(fault, FAULT_COMMAND_LINE, "(%u characters, %u are possible here)",
			(unsigned)words, COMMAND_LINE_MAX - 1);
	if (place < (uint32_t)(uintptr_t)image_end)
		return fault_set(fault, FAULT_MEMORY,
			"for the kernel's setup code below 640 KiB: %u KiB are free, 64 are needed",
			(memory_base_end() - (uint32_t)(uintptr_t)image_end) / 1024);
	return true;
}

bool platform_boot_linux(const struct platform_linux *boot, struct fault *fault)
{
	uint32_t place = (memory_base_end() - SEGMENT) & ~0xfffu;
	uint32_t target = memory_kernel_target();
	uint32_t setup_size = boot->image->setup_size;
	uint8_t *setup = (uint8_t *)(uintptr_t)place;
	size_t words = strlen(boot->command_line);

	if (!check(boot, place, words, fault))
		return false;
	leave_network(boot->keep_pxe);
	console_flush();
	memset(setup, 0, SEGMENT);
	memcpy(setup, boot->kernel, setup_size);
	memcpy(setup + HEAP_END, boot->command_line, words + 1);
	if (boot->kernel + setup_size != (uint8_t *)(uintptr_t)target)
		memmove((uint8_t *)(uintptr_t)target, boot->kernel + setup_size,
			(uint32_t)boot->kernel_size - setup_size);
	fill_header(setup, boot, target);
	real_visit(rm_linux, place >> 4, HEAP_END);
	__builtin_unreachable();
}
