// SPDX-License-Identifier: BSD-2-Clause
// Ways out other than Linux: back to the ROM and so to the BIOS's next boot device, and a reset.
#include "bios/leave.h"
#include "bios/clock.h"
#include "bios/console.h"
#include "bios/io.h"
#include "bios/pxe.h"
#include "bios/real.h"
#include "bios/undi.h"
#include "bootloader/platform.h"

enum { LOCAL_BOOT_INT18 = -1, LOCAL_BOOT_INT18_WORD = 0xffff };

void leave_network(bool keep_pxe)
{
	struct netdev *nic = undi_netdev();

	if (nic)
		nic->ops->close(nic);
	if (!keep_pxe)
		pxe_unload();
}

static void close_devices(void)
{
	console_flush();
	leave_network(true);
}

// pxelinux's LOCALBOOT: 0 normal, 4 keep the UNDI driver, 5 keep all of PXE: the ROM that started us
// takes these as our exit code and takes itself down accordingly. -1 asks the BIOS directly.
void platform_local_boot(int32_t type)
{
	close_devices();
	if (type == LOCAL_BOOT_INT18 || type == LOCAL_BOOT_INT18_WORD || !entry_returnable)
		real_visit(rm_int18, 0, 0);
	real_visit(rm_exit, (uint16_t)type, 0);
}

void platform_reset(void)
{
	close_devices();
	*(volatile uint16_t *)at_address(0x472) = 0; // cold
	out8(0xcf9, 2);
	out8(0xcf9, 6);
	clock_wait(50);
	out8(0x64, 0xfe); // the keyboard controller pulls the reset line
	clock_wait(50);
	real_visit(rm_reset, 0, 0);
}

// APM (1.2, section 4.6): connect, say which version is spoken, and ask for "off" on all devices.
void platform_power_off(void)
{
	struct real_regs connect = {.eax = 0x5301}, version = {.eax = 0x530e, .ecx = 0x102};
	struct real_regs off = {.eax = 0x5307, .ebx = 1, .ecx = 3};

	close_devices();
	real_int(0x15, &connect);
	real_int(0x15, &version);
	real_int(0x15, &off);
	clock_wait(1000);
}
