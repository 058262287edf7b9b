// SPDX-License-Identifier: BSD-2-Clause
// Start-up, rest, and the ways out other than Linux.
#include "efi/cards.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/processor.h"
#include "efi/firmware.h"
#include "efi/identity.h"
#include "efi/watchdog.h"
#include "bootloader/platform.h"

enum {
	REST_MS = 20,        // shorter ones are spent waiting: a timer tick has 10 to 55 ms
	REST_AFTER_MS = 500, // without a wish to go on at once
};

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

static EFI_EVENT timer;
static uint64_t busy; // the last time that somebody did not want to rest

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	firmware_image = image;
	firmware_table = table;
	firmware_services = table->BootServices;
	clock_init();
	watchdog_arm();
	console_init();
	if (firmware_services->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &timer))
		timer = NULL;
	identity_init();
	boot_main();
}

uint64_t platform_now(void)
{
	return clock_now();
}

static void rest(uint64_t ms)
{
	UINTN index;

	if (timer && !firmware_services->SetTimer(timer, TimerRelative, ms * 10000))
		firmware_services->WaitForEvent(1, &timer, &index);
}

// While frames come and go nobody rests: the next is there long before a timer tick.
void platform_idle(uint64_t until)
{
	const uint64_t now = clock_now();

	watchdog_feed();
	if (cards_traffic() != 0)
		busy = now;
	if (until >= now + REST_MS && now - busy >= REST_AFTER_MS)
		rest(REST_MS);
	else
		processor_pause();
}

static void leave(void)
{
	console_flush();
	cards_close();
	cards_return();
	if (timer)
		firmware_services->CloseEvent(timer);
}

// The firmware takes its next boot option when this one has failed; after a success it would show its
// menu. What BIOS programs say in `type` has no meaning here.
void platform_local_boot(int32_t type)
{
	(void)type;
	leave();
	firmware_services->Exit(firmware_image, EFI_ABORTED, 0, NULL);
}

void platform_reset(void)
{
	console_flush();
	cards_close();
	firmware_table->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
}

void platform_power_off(void)
{
	console_flush();
	cards_close();
	firmware_table->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
}
