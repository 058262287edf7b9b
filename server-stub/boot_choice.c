// SPDX-License-Identifier: BSD-2-Clause
// iPXE is a PXE client like any other here: what it gets is never iPXE but lanyard.0, which works
// on iPXE's PXE stack (or lanyard*.efi on its SNP), asks for no lease and loads no boot program by
// DHCP again. So nothing can go round in a circle, and options 77 and 175 need not be looked at.
#include "server-stub/boot_choice.h"

#include <stddef.h>

enum program { NONE, BIOS, X64, ARM64, PROGRAMS };

struct kind {
	int arch;
	enum program program;
	const char *machine;
};

// 7 is EFI byte code and 9 x64 in RFC 4578, and the other way round in IANA's list: firmware says
// either and means x64. Those with HTTP in their name ask as HTTPClient; but there, too, firmware
// says either. U-Boot starts UEFI programs; where it asks as itself, it reads pxelinux.cfg beside what
// it is told of, and needs no boot program.
static const struct kind kinds[] = {
	{-1, BIOS, "a machine that does not say its architecture"}, // PXE before option 93
	{0x00, BIOS, "a BIOS machine"},
	{0x06, NONE, "a 32-bit UEFI machine"},
	{0x07, X64, "an x64 UEFI machine"},
	{0x09, X64, "an x64 UEFI machine"},
	{0x0a, NONE, "a 32-bit ARM UEFI machine"},
	{0x0b, ARM64, "an arm64 UEFI machine"},
	{0x0f, NONE, "a 32-bit UEFI machine (HTTP)"},
	{0x10, X64, "an x64 UEFI machine (HTTP)"},
	{0x12, NONE, "a 32-bit ARM UEFI machine (HTTP)"},
	{0x13, ARM64, "an arm64 UEFI machine (HTTP)"},
	{0x14, BIOS, "a BIOS machine (HTTP)"},
	{0x15, NONE, "a 32-bit ARM U-Boot machine"},
	{0x16, ARM64, "an arm64 U-Boot machine"},
	{0x17, NONE, "a 32-bit ARM U-Boot machine (HTTP)"},
	{0x18, ARM64, "an arm64 U-Boot machine (HTTP)"},
	{0x19, NONE, "a 32-bit RISC-V UEFI machine"},
	{0x1b, NONE, "a 64-bit RISC-V UEFI machine"},
	{0x1c, NONE, "a 64-bit RISC-V UEFI machine (HTTP)"},
	{0x25, NONE, "a 32-bit LoongArch UEFI machine"},
	{0x27, NONE, "a 64-bit LoongArch UEFI machine"},
	{0x29, NONE, "a Raspberry Pi"},
};

static const struct kind unknown = {-2, NONE, "a machine of an unknown architecture"};

static const struct kind *kind_of(int arch)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].arch == arch)
			return &kinds[i];
	return &unknown;
}

struct boot_choice boot_choose(const struct boot_programs *programs, enum boot_way way, int arch)
{
	const char *const names[PROGRAMS] = {
		[BIOS] = programs->bios, [X64] = programs->x64, [ARM64] = programs->arm64};
	const struct kind *kind = kind_of(arch);
	struct boot_choice c = {.machine = kind->machine};

	// What a BIOS starts needs the PXE interface of the ROM that has loaded it.
	if (way == BOOT_PXE || (way == BOOT_HTTP && kind->program != BIOS))
		c.program = names[kind->program];
	c.missed = way != BOOT_NOT && !c.program;
	return c;
}
