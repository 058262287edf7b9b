// SPDX-License-Identifier: BSD-2-Clause
// Boot programs other than Linux, on a PC BIOS: another network boot program (PXE x.0), a boot
// sector (BOOT, BSS), and what chain.c32 finds on a disk. A platform that wants this names
// program_methods in its identity; programs of the others do not contain it.
#pragma once

#include "bootloader/platform.h"
#include "netstack/base/text.h"

struct boot;
struct chain;
struct chain_words;

enum {
	PROGRAM_AT = 0x7c00,                 // where boot sectors and network boot programs lie
	PROGRAM_ROOM = 0xa0000 - PROGRAM_AT, // the most that any may have
};

struct program_methods {
	// Carries out b->plan, which names a network boot program or a boot sector. Returns only on
	// failure.
	void (*start)(struct boot *b, struct fault *fault);
	// Loads what chain.c32 has found, and starts it. Returns only on failure.
	void (*chain)(struct boot *b, struct chain *c, struct fault *fault);
	// Reads a word of chain.c32 that only a BIOS can do something with. False if it is none.
	bool (*read_word)(struct chain_words *w, struct text_view word);
};
extern const struct program_methods program_methods;
