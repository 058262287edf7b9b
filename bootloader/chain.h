// SPDX-License-Identifier: BSD-2-Clause
// chain.c32: boots a disk, a partition of it, or a boot sector from the network, with the words of
// syslinux's module (its doc/chain.txt). Nothing is ever written to a disk.
#pragma once

#include "bootloader/partition.h"
#include "bootloader/platform.h"
#include "netstack/base/text.h"

struct boot;
struct program_methods;

enum chain_drive {
	CHAIN_BOOT, // what the firmware boots next
	CHAIN_NUMBER,
	CHAIN_SIGNATURE, // of the MBR
	CHAIN_GUID,      // of a GPT disk or of one of its partitions
	CHAIN_NAME,      // of a GPT's partition
};

// Where something is loaded, and where it begins.
struct chain_place {
	uint16_t segment, offset, ip;
};

// What the words say.
struct chain_words {
	enum chain_drive by;
	uint8_t drive; // as a BIOS numbers it
	uint32_t signature;
	uint8_t guid[16];
	struct text_view name; // or the text of the two before
	uint32_t partition;    // 0: the disk itself
	struct text_view file; // instead of the sector; empty: none
	struct chain_place file_place, sector_place;
	bool placed; // one of them was named
	bool sector, handover, swap, keep_pxe, set_bpb, cmdcons;
};

// While a disk is looked at; in memory of its own, above 1 MiB.
struct chain {
	struct chain_words words;
	struct partition_walk walk;
	struct partition partition; // number 0: the disk itself
	uint8_t drive;
	struct platform_program program;
	uint8_t sector[PARTITION_SECTOR];
	uint8_t handover[20 + PARTITION_SECTOR];
};

// False with *fault for words that are unknown, or cannot be done; `bios` NULL: on this machine.
bool chain_read(struct chain_words *w, const char *words, const struct program_methods *bios,
	struct fault *fault);
// "name:value" and "name=value": gives the value.
bool chain_named(struct text_view word, const char *name, struct text_view *value);
// Whether the words want a sector of the disk.
bool chain_has_sector(const struct chain_words *w);
// Does what the words say. Returns only on failure, with *fault set.
void chain_run(struct boot *b, const char *words, struct fault *fault);
