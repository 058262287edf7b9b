// SPDX-License-Identifier: BSD-2-Clause
// What mklanyard wants to know of an ELF file: the machine it is for, whether it needs a dynamic
// linker, and the "key=value" texts in a kernel module's section .modinfo (alias=, depends=,
// softdep=, firmware=; include/linux/module.h of the kernel).
//
// 64-bit little-endian files only: x86-64 and arm64. The bytes are a stranger's; every access is
// bounded, and a file that lies about its offsets has no sections.
#pragma once

#include "netstack/base/bytes.h"

enum { ELF_X86_64 = 62, ELF_AARCH64 = 183 }; // e_machine

struct elf {
	const uint8_t *bytes; // the caller's, for as long as this is used
	size_t length;
	uint16_t type, machine;
	uint64_t segments, sections; // file offsets of the two tables
	uint16_t segment_size, segment_count;
	uint16_t section_size, section_count;
	uint16_t names; // index of the section that holds the sections' names
};

// False if this is no such file.
bool elf_open(struct elf *e, const uint8_t *bytes, size_t length);
// Whether it is an ELF file all the same, of a 32-bit or big-endian machine.
bool elf_is_foreign(const uint8_t *bytes, size_t length);
// A program that runs without a dynamic linker.
bool elf_is_static_program(const struct elf *e);
// An object file with a section .modinfo.
bool elf_is_module(const struct elf *e);
struct reader elf_modinfo(const struct elf *e);
// The value of the next entry with this key, consumed from `modinfo`; NULL after the last.
const char *elf_modinfo_next(struct reader *modinfo, const char *key);
// A name for error messages: "x86-64", "arm64", or "another machine".
const char *elf_machine_name(uint16_t machine);
