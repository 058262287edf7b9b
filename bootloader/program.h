// SPDX-License-Identifier: BSD-2-Clause
// Boot programs other than Linux, on a PC BIOS: another network boot program (PXE x.0), a boot sector
// (BOOT, BSS), and what chain.c32 finds on a disk. A platform that wants this names program_methods in its
// identity; programs of the others do not contain it.
#pragma once

#include "bootloader/platform.h"

struct boot;
struct chain;

enum {
	PROGRAM_AT = 0x7c00,                  // where boot sectors and network boot programs lie
	PROGRAM_ROOM = 0xa0000 - PROGRAM_AT,  // the most that any may have
};

struct program_methods {
	// Carries out b->plan, which names a network boot program or a boot sector. Returns only on failure.
	void (*start)(struct boot *b, struct fault *fault);
	// Loads what chain.c32 has found, and starts it. Returns only on failure.
	void (*chain)(struct boot *b, struct chain *c, struct fault *fault);
};
extern const struct program_methods program_methods;
