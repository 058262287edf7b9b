// SPDX-License-Identifier: BSD-2-Clause
#include "efi/watchdog.h"
#include "efi/clock.h"
#include "efi/firmware.h"

enum { SECONDS = 300, EVERY_MS = 10000, CODE = 0x10000 }; // codes below belong to the firmware

static uint64_t next;

void watchdog_arm(void)
{
	firmware_services->SetWatchdogTimer(SECONDS, CODE, 0, NULL);
	next = clock_now() + EVERY_MS;
}

void watchdog_feed(void)
{
	if (clock_now() >= next)
		watchdog_arm();
}
