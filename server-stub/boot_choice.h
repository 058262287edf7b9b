// SPDX-License-Identifier: BSD-2-Clause
// Which boot program a client gets, by its architecture (option 93, IANA "Processor Architecture
// Types"; RFC 4578 section 2.1).
#pragma once

#include <stdbool.h>

struct boot_programs {
	const char *bios, *x64, *arm64; // names, NULL: there is none
};

enum boot_way { BOOT_NOT, BOOT_PXE, BOOT_HTTP }; // how the client wants to be booted

struct boot_choice {
	const char *program; // NULL: nothing
	const char *machine; // what kind it is, "a BIOS machine"; never NULL
	bool missed;         // it wants to be booted, and there is nothing for it
};

// `arch` is -1 where the client does not say. A client that does not want to be booted gets nothing
// and misses nothing.
struct boot_choice boot_choose(const struct boot_programs *programs, enum boot_way way, int arch);
