// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a device tree and an overlay (the first two bytes say where that begins): a tree that
// is whole, or a fault.
#include "efi/tree_merge.c"
#include "tests/fuzz/harness.h"

static uint8_t *aligned_copy(const uint8_t *bytes, size_t length)
{
	uint8_t *at = aligned_alloc(8, (length + 8) & ~(size_t)7);

	PROMISE(at);
	memcpy(at, bytes, length);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t mac[MAC] = {2, 0, 0, 0, 0, 1}, seed[8];
	const struct tree_facts facts = {mac, seed};
	size_t split = length < 2 ? 0 : (size_t)bytes[0] << 8 | bytes[1];
	struct platform_trees trees = {.overlay_count = 1};
	struct platform_packet base;
	struct fault fault = {0};
	uint8_t *to;
	size_t room;

	if (length < 2 || split > length - 2)
		return 0;
	base = (struct platform_packet){aligned_copy(bytes + 2, split), split};
	trees.overlays[0] = (struct platform_packet){aligned_copy(bytes + 2 + split, length - 2 - split),
		length - 2 - split};
	trees.overlay_count = length - 2 - split > 0;
	room = tree_merge_room(&base, &trees);
	to = aligned_alloc(8, (room + 7) & ~(size_t)7);
	PROMISE(to);
	if (tree_merge(to, room, &base, &trees, &facts, &fault))
		PROMISE(fdt_totalsize(to) <= room && fdt_check_header(to) == 0);
	else
		PROMISE(fault.id == FAULT_TREE_BAD || fault.id == FAULT_TREE_OVERLAY);
	free(to);
	free((void *)base.bytes);
	free((void *)trees.overlays[0].bytes);
	return 0;
}
