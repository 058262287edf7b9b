// SPDX-License-Identifier: BSD-2-Clause
// Linux kernel images: what their headers say (Documentation/arch/x86/boot.rst; the PE header of
// EFI stub kernels). Reads bytes only; entering the kernel is the platform's business.
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes of the file that linux_parse wants to see (or all of a shorter one): x86 keeps its version
// text anywhere in the setup part, which has at most 64 sectors.
enum { LINUX_HEAD = 32768 };

enum linux_machine { LINUX_UNKNOWN, LINUX_X86, LINUX_ARM64 };

struct linux_image {
	enum linux_machine machine;
	bool pe;                   // carries a PE header (EFI stub)
	bool program;              // no kernel, but another EFI program for this machine
	uint16_t protocol;         // boot protocol, 0x020f
	uint32_t setup_size;       // bytes of the real-mode part, boot sector included
	uint32_t syssize;          // bytes of the protected-mode part that the header promises
	uint16_t xloadflags;
	uint8_t loadflags;
	bool relocatable;
	uint32_t alignment;        // kernel_alignment
	uint64_t pref_address;     // where the protected-mode part wants to be
	uint32_t init_size;        // linear memory it needs from there until it reads the memory map
	uint64_t initrd_max;       // highest address an initrd byte may have
	uint32_t cmdline_size;     // characters without NUL
	char version[80];          // "6.1.0-31-amd64", "" where the header has none
};

// `head`: the first `length` bytes of a file of `size` bytes (SINK_SIZE_UNKNOWN if not known).
// False with *fault: FAULT_KERNEL_BAD (no kernel; says what it looks like: HTML, gzip, ELF, another
// architecture), FAULT_KERNEL_CUT, or FAULT_FILE_EMPTY.
bool linux_parse(struct linux_image *image, const uint8_t *head, size_t length, uint64_t size,
	struct fault *fault);
// Whether it is an EFI program for x86-64 or arm64, but no kernel by itself: a unified kernel image,
// another boot program, a shell. Then *image is filled in: machine, pe, program, and in init_size what
// it needs. For platforms that start such (platform_identity's `programs`).
bool linux_program(struct linux_image *image, const uint8_t *head, size_t length);
