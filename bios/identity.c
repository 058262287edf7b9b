// SPDX-License-Identifier: BSD-2-Clause
// Who this machine is: the ROM's three cached DHCP messages, and the UUID, preferably as the ROM
// itself sent it (option 97 of its DISCOVER, RFC 4578 section 2.3), else from SMBIOS.
#include "bios/clock.h"
#include "bios/identity.h"
#include "bios/pxe.h"
#include "bios/real.h"
#include "bios/undi.h"
#include "bootloader/program.h"
#include "bootloader/uuid.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

static struct platform_identity identity;

static void find_smbios(void)
{
	uint64_t table;
	uint32_t length;

	if (!uuid_smbios_entry((const uint8_t *)at_address(0xf0000), 0x10000, &table, &length))
		return;
	if (table + length > 1ull << 32)
		return;
	identity.smbios.bytes = (const uint8_t *)at_address((uint32_t)table);
	identity.smbios.length = length;
}

static void read_cpu(void)
{
	uint32_t regs[4];

	if (!clock_cpuid(1, regs))
		return;
	identity.cpu = (struct platform_cpu){.signature = regs[0], .ecx = regs[2], .edx = regs[3]};
	if (clock_cpuid(0x80000001, regs)) {
		identity.cpu.extended_ecx = regs[2];
		identity.cpu.extended_edx = regs[3];
	}
}

void identity_init(void)
{
	struct text t = text_of(identity.nic_text, sizeof identity.nic_text);

	identity.arch = 0;
	identity.firmware = "BIOS";
	identity.bios_programs = &program_methods;
	identity.boot_nic = undi_netdev();
	if (identity.boot_nic) {
		identity.discover = pxe_cached_packet(1);
		identity.ack = pxe_cached_packet(2);
		identity.proxy = pxe_cached_packet(3);
		text_format(&t, "%s", undi_place());
	}
	find_smbios();
	read_cpu();
	identity.has_uuid = uuid_of_packet(&identity.discover, identity.uuid) ||
		uuid_of_smbios(identity.smbios.bytes, identity.smbios.length, identity.uuid);
}

const struct platform_identity *platform_identity(void)
{
	return &identity;
}

size_t platform_netdevs(struct netdev ***list)
{
	static struct netdev *devices[1];

	devices[0] = undi_netdev();
	*list = devices;
	return devices[0] != NULL;
}
