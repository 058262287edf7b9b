// SPDX-License-Identifier: BSD-2-Clause
// SNP is found on the handle of a card's hardware address and on its IPv4, IPv6 and VLAN children:
// only the former is the card. Wireless cards need keys that only the firmware has. The firmware's MNP
// tags the frames of a VLAN; who has the card alone has to do that, too.
#include "efi/cards.h"
#include "efi/firmware.h"
#include "efi/mnp.h"
#include "efi/path.h"
#include "efi/snp.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"
#include "netstack/vlan.h"

enum { CARDS = 8, WIFI_SUBTYPE = 28, PCI_IDS = 0 };

static const EFI_GUID snp_guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
static const EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static const EFI_GUID pci_guid = EFI_PCI_IO_PROTOCOL_GUID;

// Opened by SNP, and only if that cannot be had by MNP.
struct card {
	struct netdev dev;
	struct snp snp;
	struct mnp mnp;
	struct netdev *alone; // snp, or the VLAN on it
	struct netdev *by;    // alone or mnp; NULL: closed
	bool was_open;        // before cards_close
};

static struct card cards[CARDS];
static struct netdev *list[CARDS];
static size_t count;
static bool boot_known;
static struct vlan boot_vlan;

// ---- a card as a netdev --------------------------------------------------------------------------

static bool card_open(struct netdev *dev, struct fault *fault)
{
	struct card *c = (struct card *)dev;
	struct fault second;

	if (c->by)
		return true;
	if (c->alone->ops->open(c->alone, fault))
		c->by = c->alone;
	else if (snp_is_taken(&c->snp) && c->mnp.dev.ops->open(&c->mnp.dev, &second))
		c->by = &c->mnp.dev;
	return c->by != NULL;
}

static void card_close(struct netdev *dev)
{
	struct card *c = (struct card *)dev;

	if (c->by)
		c->by->ops->close(c->by);
	c->by = NULL;
}

static enum netdev_link card_link(struct netdev *dev)
{
	struct card *c = (struct card *)dev;

	return c->by ? c->by->ops->link(c->by) : LINK_UNKNOWN;
}

static size_t card_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct card *c = (struct card *)dev;

	return c->by ? c->by->ops->receive(c->by, burst, max) : 0;
}

static size_t card_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t frame_count)
{
	struct card *c = (struct card *)dev;

	return c->by ? c->by->ops->transmit(c->by, frames, frame_count) : 0;
}

static bool card_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t group_count)
{
	struct card *c = (struct card *)dev;

	return c->by && c->by->ops->set_filter(c->by, groups, group_count);
}

static const struct netdev_ops card_ops = {
	.open = card_open,
	.close = card_close,
	.link = card_link,
	.receive = card_receive,
	.transmit = card_transmit,
	.set_filter = card_set_filter,
};

// ---- finding them --------------------------------------------------------------------------------

static bool is_card(const EFI_DEVICE_PATH *path)
{
	const EFI_DEVICE_PATH *mac = path_find(path, MESSAGING_DEVICE_PATH, MSG_MAC_ADDR_DP);

	return mac && !path_next(mac) && !path_find(path, MESSAGING_DEVICE_PATH, WIFI_SUBTYPE);
}

// "pci 00:03.0 1af4:1000", where the card is on a PCI bus.
static void describe_place(struct snp *s, const EFI_DEVICE_PATH *path)
{
	struct text t = text_of(s->place, sizeof s->place);
	EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
	UINTN segment, bus, device, function;
	EFI_PCI_IO_PROTOCOL *pci;
	EFI_HANDLE handle;
	UINT32 ids;

	if (firmware_services->LocateDevicePath((EFI_GUID *)&pci_guid, &rest, &handle))
		return;
	pci = firmware_protocol(handle, &pci_guid);
	if (!pci || pci->GetLocation(pci, &segment, &bus, &device, &function) ||
		pci->Pci.Read(pci, EfiPciIoWidthUint32, PCI_IDS, 1, &ids))
		return;
	text_format(&t, "pci %02x:%02x.%u %04x:%04x", (unsigned)bus, (unsigned)device,
		(unsigned)function, ids & 0xffff, ids >> 16);
}

// The card we came by, or the VLAN on it. The firmware's MNP for that VLAN tags by itself.
static void become_boot_card(struct card *c, const EFI_DEVICE_PATH *boot, uint16_t vlan)
{
	boot_known = true;
	list[count - 1] = list[0];
	list[0] = &c->dev;
	if (!vlan)
		return;
	vlan_init(&boot_vlan, &c->snp.dev, vlan);
	c->alone = &boot_vlan.dev;
	mnp_init(&c->mnp, mnp_service_on(boot), c->alone);
	c->dev = *c->alone;
	c->dev.ops = &card_ops;
}

static void add(EFI_HANDLE handle, const EFI_DEVICE_PATH *boot, uint16_t vlan)
{
	const EFI_DEVICE_PATH *path = firmware_protocol(handle, &path_guid);
	struct card *c = &cards[count];

	if (count == CARDS || !path || !is_card(path) || !snp_init(&c->snp, handle, (unsigned)count))
		return;
	describe_place(&c->snp, path);
	mnp_init(&c->mnp, handle, &c->snp.dev);
	c->alone = &c->snp.dev;
	c->dev = c->snp.dev;
	c->dev.ops = &card_ops;
	list[count++] = &c->dev;
	if (!boot_known && path_starts(boot, path))
		become_boot_card(c, boot, vlan);
}

void cards_find(const EFI_DEVICE_PATH *boot, uint16_t vlan)
{
	EFI_HANDLE *handles;
	size_t found = firmware_handles(&snp_guid, &handles);

	for (size_t i = 0; i < found; i++)
		add(handles[i], boot, vlan);
	if (handles)
		firmware_services->FreePool(handles);
}

struct netdev *cards_boot(void)
{
	return boot_known ? list[0] : NULL;
}

const char *cards_place(void)
{
	return boot_known ? ((struct card *)list[0])->snp.place : "";
}

uint32_t cards_traffic(void)
{
	static uint32_t before;
	uint32_t frames = 0, since;

	for (size_t i = 0; i < count; i++)
		frames += cards[i].snp.count.received + cards[i].snp.count.sent +
			cards[i].mnp.count.received + cards[i].mnp.count.sent;
	since = frames - before;
	before = frames;
	return since;
}

void cards_close(void)
{
	for (size_t i = 0; i < count; i++) {
		cards[i].was_open = cards[i].by != NULL;
		card_close(&cards[i].dev);
	}
}

// What does not open again is told of when it is used.
void cards_reopen(void)
{
	struct fault fault;

	for (size_t i = 0; i < count; i++)
		if (cards[i].was_open)
			card_open(&cards[i].dev, &fault);
}

void cards_return(void)
{
	for (size_t i = 0; i < count; i++)
		firmware_services->ConnectController(cards[i].snp.handle, NULL, NULL, TRUE);
}

size_t platform_netdevs(struct netdev ***devices)
{
	*devices = list;
	return count;
}

void platform_describe_nic(struct text *to)
{
	for (size_t i = 0; i < count; i++) {
		if (to->length && (cards[i].snp.count.polls || cards[i].mnp.count.polls))
			text_format(to, "; ");
		if (cards[i].snp.count.polls)
			snp_describe(&cards[i].snp, to);
		if (cards[i].mnp.count.polls)
			mnp_describe(&cards[i].mnp, to);
	}
}
