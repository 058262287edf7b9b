// SPDX-License-Identifier: BSD-2-Clause
// Who this machine is: the ROM's three cached DHCP messages, and the UUID, preferably as the ROM
// itself sent it (option 97 of its DISCOVER, RFC 4578 section 2.3), else from SMBIOS.
#include "bios/identity.h"
#include "bios/pxe.h"
#include "bios/real.h"
#include "bios/smbios.h"
#include "bios/undi.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum {
	DHCP_OPTIONS_AT = 240, // after the magic cookie (RFC 2131)
	OPTION_PAD = 0,
	OPTION_UUID = 97,
	OPTION_END = 255,
};

static struct platform_identity identity;

static bool uuid_of_packet(const struct platform_packet *p, uint8_t uuid[16])
{
	struct reader r = reader_of(p->bytes, p->length);

	read_skip(&r, DHCP_OPTIONS_AT);
	while (!r.failed && reader_left(&r)) {
		uint8_t code = read_u8(&r);
		struct reader value;

		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			return false;
		value = read_sub(&r, read_u8(&r));
		if (code != OPTION_UUID || reader_left(&value) != 17 || read_u8(&value) != 0)
			continue;
		read_bytes(&value, uuid, 16);
		return smbios_uuid_plausible(uuid);
	}
	return false;
}

static bool uuid_of_smbios(uint8_t uuid[16])
{
	uint64_t table;
	uint32_t length;

	if (!smbios_entry((const uint8_t *)at_address(0xf0000), 0x10000, &table, &length))
		return false;
	if (table + length > 1ull << 32)
		return false;
	return smbios_uuid((const uint8_t *)at_address((uint32_t)table), length, uuid);
}

void identity_init(void)
{
	struct text t = text_of(identity.nic_text, sizeof identity.nic_text);

	identity.arch = 0;
	identity.firmware = "BIOS";
	identity.boot_nic = undi_netdev();
	if (identity.boot_nic) {
		identity.discover = pxe_cached_packet(1);
		identity.ack = pxe_cached_packet(2);
		identity.proxy = pxe_cached_packet(3);
		text_format(&t, "%s", undi_place());
	}
	identity.has_uuid = uuid_of_packet(&identity.discover, identity.uuid) ||
		uuid_of_smbios(identity.uuid);
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
