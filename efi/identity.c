// SPDX-License-Identifier: BSD-2-Clause
// Who this machine is: the DHCP messages in the mode data of the PXE base code (UEFI 2.10, section
// 24.3) that has loaded us, or the address in the device path of HTTP Boot, which keeps no messages; and
// the UUID, preferably as the firmware itself sent it, else from SMBIOS.
#include "efi/identity.h"
#include "efi/cards.h"
#include "efi/firmware.h"
#include "efi/origin.h"
#include "efi/path.h"
#include "efi/device_tree.h"
#include "efi/processor.h"
#include "bootloader/platform.h"
#include "bootloader/uuid.h"
#include "netstack/base/memory.h"

enum { DHCP_LEAST = 240, SMBIOS_ENTRY = 0x20 };

static const EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static const EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static const EFI_GUID image_path_guid = EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL_GUID;
static const EFI_GUID pxe_guid = EFI_PXE_BASE_CODE_PROTOCOL_GUID;
static const EFI_GUID smbios_guid = SMBIOS_TABLE_GUID;
static const EFI_GUID smbios3_guid = SMBIOS3_TABLE_GUID;

static struct platform_identity identity;
static EFI_PXE_BASE_CODE_PACKET copies[3];
static struct origin origin;

// The firmware does not say how long a message is: behind its end there are zeros.
static struct platform_packet keep(unsigned number, const EFI_PXE_BASE_CODE_PACKET *packet, bool valid)
{
	size_t length = sizeof packet->Raw;

	if (!valid)
		return (struct platform_packet){0};
	while (length && !packet->Raw[length - 1])
		length--;
	if (length <= DHCP_LEAST)
		return (struct platform_packet){0};
	memcpy(&copies[number], packet, length);
	return (struct platform_packet){copies[number].Raw, length};
}

static void keep_packets(const EFI_PXE_BASE_CODE_MODE *m)
{
	if (m->UsingIpv6)
		return;
	identity.discover = keep(0, &m->DhcpDiscover, m->DhcpDiscoverValid);
	identity.ack = keep(1, &m->DhcpAck, m->DhcpAckReceived);
	identity.proxy = m->PxeReplyReceived ? keep(2, &m->PxeReply, true)
		: keep(2, &m->ProxyOffer, m->ProxyOfferReceived);
}

static void find_smbios(void)
{
	const uint8_t *entry = firmware_configuration(&smbios3_guid);
	uint64_t table;
	uint32_t length;

	if (!entry)
		entry = firmware_configuration(&smbios_guid);
	if (!entry || !uuid_smbios_entry(entry, SMBIOS_ENTRY, &table, &length))
		return;
	identity.smbios.bytes = (const uint8_t *)(uintptr_t)table;
	identity.smbios.length = length;
}

// The path of the handle that we came by; that of the image itself where only that names an address.
static const EFI_DEVICE_PATH *find_origin(EFI_HANDLE device)
{
	const EFI_DEVICE_PATH *path = firmware_protocol(device, &path_guid);
	const EFI_DEVICE_PATH *image = firmware_protocol(firmware_image, &image_path_guid);

	origin_read(&origin, path);
	if (origin.url[0] || !image)
		return path;
	origin_read(&origin, image);
	if (origin.url[0])
		return image;
	origin_read(&origin, path);
	return path;
}

static void keep_origin(const EFI_DEVICE_PATH *path)
{
	cards_find(path ? path_copy(path) : NULL, origin.vlan);
	identity.boot_nic = cards_boot();
	if (!identity.boot_nic)
		return;
	identity.vlan = origin.vlan;
	if (!identity.ack.length && origin.url[0]) {
		identity.boot_url = origin.url;
		identity.boot_server = origin.server;
	}
}

void identity_init(void)
{
	const EFI_LOADED_IMAGE *image = firmware_protocol(firmware_image, &image_guid);
	EFI_HANDLE device = image ? image->DeviceHandle : NULL;
	const EFI_PXE_BASE_CODE_PROTOCOL *pxe = firmware_protocol(device, &pxe_guid);
	struct text t = text_of(identity.nic_text, sizeof identity.nic_text);

	identity.arch = processor_arch();
	identity.firmware = "UEFI";
	identity.programs = true;
	identity.packing = processor_packing();
	if (processor_trees()) {
		identity.load_trees = processor_trees()->load;
		identity.compatible = processor_trees()->compatible();
	}
	if (pxe && pxe->Mode)
		keep_packets(pxe->Mode);
	keep_origin(find_origin(device));
	text_format(&t, "%s", cards_place());
	find_smbios();
	identity.cpu = processor_features();
	identity.has_uuid = uuid_of_packet(&identity.discover, identity.uuid) ||
		uuid_of_smbios(identity.smbios.bytes, identity.smbios.length, identity.uuid);
}

const struct platform_identity *platform_identity(void)
{
	return &identity;
}
