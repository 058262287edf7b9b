// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/drivers.h"
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/say.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 8, NAMES_SHOWN = 3, NAME_LIMIT = 64 };

static const char phys[] = "kernel/drivers/net/phy/";

enum kind {
	CARDS, // what drives devices
	USB,   // the same, for DRIVERS_ALL only
	ANY,   // what shows that it is for a wired card: folders that administrators and DKMS fill
	// What cards and buses hang on where no PCI bus and no firmware brings it up, but a
	// device tree lists it: clocks, regulators, controllers. Not for PCs.
	BOARD,
	BOARD_USB, // the same, for DRIVERS_ALL only
};

// Where a kernel has its drivers.
static const struct place {
	const char *path; // below the kernel's modules
	enum kind kind;
} places[] = {
	{"kernel/drivers/net/ethernet/", CARDS},
	{"kernel/drivers/net/hyperv/", CARDS},
	{"kernel/drivers/net/mdio/", CARDS},
	{"kernel/drivers/net/pcs/", CARDS},
	{phys, CARDS},
	{"kernel/drivers/net/vmxnet3/", CARDS},
	{"kernel/drivers/net/usb/", USB},
	{"extra/", ANY},
	{"updates/", ANY},
	{"weak-updates/", ANY},
	{"kernel/drivers/bus/", BOARD},
	{"kernel/drivers/clk/", BOARD},
	{"kernel/drivers/gpio/", BOARD},
	{"kernel/drivers/i2c/busses/", BOARD},
	{"kernel/drivers/interconnect/", BOARD},
	{"kernel/drivers/iommu/", BOARD},
	{"kernel/drivers/mailbox/", BOARD},
	{"kernel/drivers/mfd/", BOARD},
	{"kernel/drivers/nvmem/", BOARD},
	{"kernel/drivers/pci/controller/", BOARD},
	{"kernel/drivers/phy/", BOARD},
	{"kernel/drivers/pinctrl/", BOARD},
	{"kernel/drivers/pmdomain/", BOARD},
	{"kernel/drivers/regulator/", BOARD},
	{"kernel/drivers/reset/", BOARD},
	{"kernel/drivers/soc/", BOARD},
	{"kernel/drivers/usb/chipidea/", BOARD_USB},
	{"kernel/drivers/usb/dwc2/", BOARD_USB},
	{"kernel/drivers/usb/dwc3/", BOARD_USB},
	{"kernel/drivers/usb/host/", BOARD_USB},
	{"kernel/drivers/usb/phy/", BOARD_USB},
};

// Cards in other folders.
static const char *const cards[] = {"virtio_net", "xen_netfront"};

// What a driver asks the kernel for by name, which no dependency tells.
static const struct {
	const char *driver, *requests;
} requests[] = {
	{"mlx4_core", "mlx4_en"},
};

// Folders and modules within these places whose devices no machine boots from: switches' own ports;
// modems, telephones and cables between two machines, which USB calls network cards.
static const char *const left_out[] = {
	"kernel/drivers/net/ethernet/marvell/prestera/",
	"kernel/drivers/net/ethernet/mellanox/mlxsw/",
	"kernel/drivers/net/usb/cdc-phonet",
	"kernel/drivers/net/usb/cdc_mbim",
	"kernel/drivers/net/usb/cdc_subset",
	"kernel/drivers/net/usb/cx82310_eth",
	"kernel/drivers/net/usb/gl620a",
	"kernel/drivers/net/usb/hso",
	"kernel/drivers/net/usb/huawei_cdc_ncm",
	"kernel/drivers/net/usb/ipheth",
	"kernel/drivers/net/usb/kalmia",
	"kernel/drivers/net/usb/lg-vl600",
	"kernel/drivers/net/usb/net1080",
	"kernel/drivers/net/usb/plusb",
	"kernel/drivers/net/usb/qmi_wwan",
	"kernel/drivers/net/usb/sierra_net",
	"kernel/drivers/net/usb/zaurus",
};

// The drivers that could not be added.
struct trouble {
	size_t count;
	struct buffer names; // of the first ones, with the reason
};

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
		size_t length = strlen(left_out[i]);
		const char *rest = path + length;

		if (!strncmp(path, left_out[i], length) &&
			(left_out[i][length - 1] == '/' || !strncmp(rest, ".ko", 3)))
			return true;
	}
	return false;
}

// Whether it drives devices, other than cards in a PCMCIA slot, whose bus is not brought up.
static bool is_driver(const struct module *m)
{
	struct reader modinfo = modules_modinfo(m);
	const char *alias;

	while ((alias = modules_next_device_alias(&modinfo)))
		if (strncmp(alias, "pcmcia:", 7))
			return true;
	return false;
}

static bool mentions(const struct module *m, const char *text)
{
	return memmem(m->content.bytes, m->content.length, text, strlen(text)) != NULL;
}

// By the functions of the kernel that it calls: those for a network card and none for radio.
static bool is_driver_of_cards(const struct module *m)
{
	return is_driver(m) && (mentions(m, "alloc_etherdev_mqs") || mentions(m, "usbnet_probe")) &&
	       !mentions(m, "wiphy_register") && !mentions(m, "ieee80211_register_hw");
}

bool drivers_is_card(const struct module *m)
{
	return strstr(m->source, "/kernel/drivers/net/") || is_driver_of_cards(m);
}

// A device tree lists its devices.
static bool is_part_of_board(const struct module *m)
{
	struct reader modinfo = modules_modinfo(m);
	const char *alias;

	while ((alias = modules_next_device_alias(&modinfo)))
		if (!strncmp(alias, "of:", 3))
			return true;
	return false;
}

// The kernel's name for the module in that file; false if it is none.
static bool name_of(const char *file, char name[NAME_LIMIT])
{
	const char *end = strstr(file, ".ko");
	size_t length = end ? (size_t)(end - file) : 0;

	if (!length || length >= NAME_LIMIT)
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = file[i] == '-' ? '_' : file[i];
	name[length] = 0;
	return true;
}

static void note_trouble(struct trouble *t, const char *name, const struct fault *f)
{
	if (t->count++ < NAMES_SHOWN)
		buffer_format(&t->names, "%s%s %s", t->count > 1 ? ", " : "", name, f->facts);
}

static void add_file(
	struct modules *m, const struct place *place, const char *file, struct trouble *trouble)
{
	char name[NAME_LIMIT];
	struct fault f;
	bool (*wanted)(const struct module *) = is_driver;

	if (place->kind == ANY)
		wanted = is_driver_of_cards;
	if (place->kind == BOARD || place->kind == BOARD_USB)
		wanted = is_part_of_board;
	if (name_of(file, name) && !modules_add_if(m, name, wanted, &f))
		note_trouble(trouble, name, &f);
}

// All modules below `path` (ending in '/').
static void add_folder(struct modules *m, const struct place *place, const char *path,
	unsigned depth, struct trouble *trouble)
{
	struct buffer full = {0};
	struct tree_names names;

	buffer_format(&full, "%s/%s", m->directory, path);
	buffer_add(&full, "", 1);
	names = tree_list(m->tree, (char *)full.bytes);
	for (size_t i = 0; i < names.count; i++) {
		struct buffer child = {0};
		const char *name = names.list[i];

		buffer_format(&child, "%s%s", path, name);
		buffer_add(&child, "", 1);
		if (is_left_out((char *)child.bytes))
			;
		else if (name[strlen(name) - 1] != '/')
			add_file(m, place, name, trouble);
		else if (depth < DEPTH_LIMIT && child.length < TREE_PATH / 2)
			add_folder(m, place, (char *)child.bytes, depth + 1, trouble);
		buffer_free(&child);
	}
	tree_names_free(&names);
	buffer_free(&full);
}

static void say_trouble(struct trouble *t)
{
	if (t->count > NAMES_SHOWN)
		say_note("%zu drivers are left out: %.*s and others", t->count,
			(int)t->names.length, (char *)t->names.bytes);
	else if (t->count)
		say_note("left out: %.*s", (int)t->names.length, (char *)t->names.bytes);
	buffer_free(&t->names);
}

static void add_named(
	struct modules *m, const char *name, enum module_flag flag, struct trouble *trouble)
{
	struct fault f;
	bool found;

	if (!modules_add(m, name, flag, &found, &f))
		note_trouble(trouble, name, &f);
}

static bool is_in_set(const struct place *place, enum driver_set set, uint16_t machine)
{
	bool usb = place->kind == USB || place->kind == BOARD_USB;
	bool board = place->kind == BOARD || place->kind == BOARD_USB;

	return (!usb || set == DRIVERS_ALL) && (!board || machine != ELF_X86_64);
}

static void add_set(struct modules *m, enum driver_set set, struct trouble *trouble)
{
	size_t before = m->count;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (is_in_set(&places[i], set, m->machine))
			add_folder(m, &places[i], places[i].path, 0, trouble);
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
		add_named(m, cards[i], MODULE_DEVICE, trouble);
	if (m->count == before)
		say_note("kernel %s has no drivers of network cards as modules", m->version);
}

void drivers_add(struct modules *m, enum driver_set set)
{
	static const struct place place = {phys, CARDS};
	struct trouble trouble = {0};

	if (set != DRIVERS_NAMED)
		add_set(m, set, &trouble);
	else if (modules_find(m, "libphy"))
		add_folder(m, &place, phys, 0, &trouble);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (modules_find(m, requests[i].driver))
			add_named(m, requests[i].requests, MODULE_DEMAND, &trouble);
	say_trouble(&trouble);
}
