// SPDX-License-Identifier: BSD-2-Clause
// The tree lies in memory of the kind that Linux keeps until it has read it (ACPI reclaim memory). A
// tree from a file gets from the firmware what only that knows, where it offers to
// (EFI_DT_FIXUP_PROTOCOL: memory, addresses of cards, serial numbers).
#include "efi/device_tree.h"
#include "efi/firmware.h"
#include "efi/tree_merge.h"
#include "netstack/base/memory.h"

#include <libfdt.h>

enum { PAGE = 4096, FIXED_MAX = 8 << 20, FIXUP_APPLY = 1, FIXUP_RESERVE = 2 };

struct dt_fixup { // EFI_DT_FIXUP_PROTOCOL, revision 1
	UINT64 Revision;
	EFI_STATUS (EFIAPI *Fixup)(struct dt_fixup *this, void *tree, UINTN *size, UINT32 flags);
};

static const EFI_GUID table_guid =
	{0xb1b621d5, 0xf19c, 0x41a5, {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};
static const EFI_GUID fixup_guid =
	{0xe617d64c, 0xfe08, 0x46da, {0xf4, 0xdc, 0xbb, 0xd5, 0x87, 0x0c, 0x73, 0x00}};
static const EFI_GUID variable_guid = EFI_GLOBAL_VARIABLE;

static uint8_t *installed; // NULL: the firmware's own tree is in its place
static size_t installed_room;
static void *before;       // the firmware's, NULL: it has none

static struct platform_packet firmware_tree(void)
{
	const uint8_t *tree = firmware_configuration(&table_guid);

	if (!tree || fdt_check_header(tree))
		return (struct platform_packet){0};
	return (struct platform_packet){tree, fdt_totalsize(tree)};
}

static struct platform_packet compatible(void)
{
	const struct platform_packet tree = firmware_tree();
	const uint8_t *names;
	int length;

	if (!tree.length || fdt_check_full(tree.bytes, tree.length))
		return (struct platform_packet){0};
	names = fdt_getprop(tree.bytes, 0, "compatible", &length);
	if (!names || length <= 0 || names[length - 1])
		return (struct platform_packet){0};
	return (struct platform_packet){names, (size_t)length};
}

static bool secure_boot(void)
{
	static CHAR16 name[] = {'S', 'e', 'c', 'u', 'r', 'e', 'B', 'o', 'o', 't', 0};
	UINT8 value = 0;
	UINTN size = sizeof value;

	return !firmware_table->RuntimeServices->GetVariable(name, (EFI_GUID *)&variable_guid, NULL, &size,
			&value) && value == 1;
}

static UINTN pages(size_t size)
{
	return (size + PAGE - 1) / PAGE;
}

static uint8_t *allocate(size_t size, struct fault *fault)
{
	EFI_PHYSICAL_ADDRESS at;

	if (!firmware_services->AllocatePages(AllocateAnyPages, EfiACPIReclaimMemory, pages(size), &at))
		return (uint8_t *)(uintptr_t)at;
	fault_set(fault, FAULT_MEMORY, "(%zu bytes for the device tree)", size);
	return NULL;
}

static void release(void)
{
	if (installed)
		firmware_services->FreePages((uintptr_t)installed, pages(installed_room));
	installed = NULL;
}

// What the firmware adds needs more room: the tree moves there.
static bool grow(size_t room, struct fault *fault)
{
	uint8_t *larger = allocate(room, fault);

	if (!larger)
		return false;
	fdt_open_into(installed, larger, (int)room);
	release();
	installed = larger;
	installed_room = room;
	return true;
}

static bool fix_up(struct fault *fault)
{
	struct dt_fixup *fixup = firmware_first(&fixup_guid);
	EFI_STATUS status = EFI_SUCCESS;

	for (int try = 0; fixup && try < 2; try++) {
		UINTN size = installed_room;

		status = fixup->Fixup(fixup, installed, &size, FIXUP_APPLY | FIXUP_RESERVE);
		if (status != EFI_BUFFER_TOO_SMALL || size <= installed_room || size > FIXED_MAX)
			break;
		if (!grow(size, fault))
			return false;
	}
	if (!status && fdt_check_header(installed) == 0)
		return true;
	return fault_set(fault, FAULT_TREE_BAD, "(the firmware could not add what it knows: %s)",
		status ? firmware_status(status) : "it has damaged the tree");
}

static bool merge(const struct platform_trees *trees, struct fault *fault)
{
	const struct platform_packet base = trees->tree.length ? trees->tree : firmware_tree();
	const struct netdev *nic = platform_identity()->boot_nic;
	struct tree_facts facts = {0};
	uint8_t seed[16];

	if (!base.length)
		return fault_set(fault, FAULT_TREE_OVERLAY,
			"(the firmware has no device tree, and the label names none)");
	if (nic && nic->hwaddr_length == 6)
		facts.hwaddr = nic->hwaddr;
	if (trees->kaslr_seed) {
		platform_entropy(seed);
		facts.kaslr_seed = seed;
	}
	installed_room = tree_merge_room(&base, trees);
	installed = allocate(installed_room, fault);
	return installed && tree_merge(installed, installed_room, &base, trees, &facts, fault) &&
	       (!trees->tree.length || fix_up(fault));
}

static bool install(const struct platform_trees *trees, struct fault *fault)
{
	EFI_STATUS status;

	if ((trees->tree.length || trees->overlay_count) && secure_boot())
		return fault_set(fault, FAULT_TREE_UNSIGNED, "(%s)",
			trees->tree.length ? "a tree from a file" : "an overlay");
	if (!trees->tree.length && !trees->overlay_count && !firmware_tree().length)
		return true; // KASLRSEED alone, and no tree: Linux asks the firmware for random numbers
	before = firmware_configuration(&table_guid);
	if (!merge(trees, fault)) {
		release();
		return false;
	}
	status = firmware_services->InstallConfigurationTable((EFI_GUID *)&table_guid, installed);
	if (!status)
		return true;
	release();
	return fault_set(fault, FAULT_TREE_BAD, "(the firmware does not take it: %s)", firmware_status(status));
}

static void restore(void)
{
	if (installed)
		firmware_services->InstallConfigurationTable((EFI_GUID *)&table_guid, before);
	release();
}

const struct device_tree_ops device_tree_ops = {compatible, trees_load, install, restore};
