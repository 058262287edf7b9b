// SPDX-License-Identifier: BSD-2-Clause
// Every tree is checked in full before libfdt looks for anything in it: its functions then find only
// what the checks have passed over (fdt_check_full: all offsets, names and nesting; that its parts are
// aligned as it reads them is our own check).
#include "efi/tree_merge.h"
#include "netstack/base/memory.h"

#include <libfdt.h>

enum {
	SLACK = 64 * 1024, // for what the firmware and we add
	MAC = 6,
	DEEPEST = 64, // nodes in nodes: Linux reads no more (drivers/of/fdt.c)
};

// libfdt follows the nodes of an overlay by calling itself, on a stack that a deep one would leave.
static int check_depth(const void *tree)
{
	int depth = 0;

	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth))
		if (depth >= DEEPEST)
			return -FDT_ERR_BADSTRUCTURE;
	return 0;
}

// `number`: which of the overlays; 0: the tree itself.
static bool check(const struct platform_packet *tree, unsigned number, struct fault *fault)
{
	int error = -FDT_ERR_TRUNCATED;

	if (tree->length >= sizeof(struct fdt_header) && fdt_totalsize(tree->bytes) <= tree->length)
		error = fdt_off_dt_struct(tree->bytes) % 4 || fdt_off_mem_rsvmap(tree->bytes) % 8
			? -FDT_ERR_ALIGNMENT : fdt_check_full(tree->bytes, tree->length);
	if (!error)
		error = check_depth(tree->bytes);
	if (error && number)
		return fault_set(fault, FAULT_TREE_BAD, "(overlay %u of FDTOVERLAYS: %s)", number,
			fdt_strerror(error));
	return !error || fault_set(fault, FAULT_TREE_BAD, "(%s)", fdt_strerror(error));
}

size_t tree_merge_room(const struct platform_packet *base, const struct platform_trees *trees)
{
	size_t room = base->length + SLACK;

	for (size_t i = 0; i < trees->overlay_count; i++)
		room += 2 * trees->overlays[i].length; // names of its own, and again as symbols
	return room;
}

static bool apply(uint8_t *to, const struct platform_trees *trees, struct fault *fault)
{
	for (size_t i = 0; i < trees->overlay_count; i++) {
		int error;

		if (!check(&trees->overlays[i], (unsigned)i + 1, fault))
			return false;
		error = fdt_overlay_apply(to, (void *)trees->overlays[i].bytes);
		if (error)
			return fault_set(fault, FAULT_TREE_OVERLAY, "(overlay %u of FDTOVERLAYS: %s)",
				(unsigned)i + 1, fdt_strerror(error));
	}
	return true;
}

// A tree from a file does not know the address that the firmware gave the card. If the tree names one
// card only, that is the one (Devicetree Specification 4.3.1); a card that has an address keeps it.
static int set_address(uint8_t *to, const uint8_t *hwaddr)
{
	static const uint8_t none[MAC];
	const char *path = fdt_get_alias(to, "ethernet0");
	const int node = path && !fdt_get_alias(to, "ethernet1") ? fdt_path_offset(to, path) : -1;
	const void *there;
	int length;

	if (node < 0)
		return 0;
	there = fdt_getprop(to, node, "local-mac-address", &length);
	if ((there && !(length == MAC && memcmp(there, none, MAC) == 0)) ||
		fdt_getprop(to, node, "mac-address", NULL))
		return 0;
	return fdt_setprop(to, node, "local-mac-address", hwaddr, MAC);
}

static int add_facts(uint8_t *to, const struct tree_facts *facts)
{
	int chosen = fdt_subnode_offset(to, 0, "chosen"), error = 0;

	if (chosen < 0)
		chosen = fdt_add_subnode(to, 0, "chosen");
	if (chosen < 0)
		return chosen;
	if (facts->kaslr_seed)
		error = fdt_setprop(to, chosen, "kaslr-seed", facts->kaslr_seed, 8);
	if (!error && facts->hwaddr)
		error = fdt_setprop(to, chosen, "lanyard,boot-mac-address", facts->hwaddr, MAC);
	if (!error && facts->hwaddr)
		error = set_address(to, facts->hwaddr);
	return error;
}

bool tree_merge(uint8_t *to, size_t room, const struct platform_packet *base,
	const struct platform_trees *trees, const struct tree_facts *facts, struct fault *fault)
{
	int error;

	if (!check(base, 0, fault))
		return false;
	error = fdt_open_into(base->bytes, to, (int)room);
	if (error)
		return fault_set(fault, FAULT_TREE_BAD, "(%s)", fdt_strerror(error));
	if (!apply(to, trees, fault))
		return false;
	error = add_facts(to, facts);
	return !error || fault_set(fault, FAULT_TREE_BAD, "(nothing can be added to it: %s)",
		fdt_strerror(error));
}
