// SPDX-License-Identifier: BSD-2-Clause
// The texts of SYSAPPEND that say what machine this is: from SMBIOS (DSP0134) and the processor.
#pragma once

#include "bootloader/plan.h"
#include "bootloader/platform.h"

enum { SYSAPPEND_ROOM = 1536 }; // bytes for all of them

// Sets those texts from bit 2 on that the machine knows; they are written to `room`.
void sysappend_machine(struct plan_sysappend *s, char room[SYSAPPEND_ROOM],
	const struct platform_identity *id);
