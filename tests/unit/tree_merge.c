// SPDX-License-Identifier: BSD-2-Clause
// efi/tree_merge.c: overlays that fit and that do not, every truncation of a tree, every byte of it
// changed.
#include "efi/tree_merge.c"
#include "tests/unit/vectors.h"
#include "tests/unit/tree_samples.h"

static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 1};
static const uint8_t seed[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct tree_facts nothing;
static uint8_t base_bytes[SAMPLE] __attribute__((aligned(8)));
static uint8_t overlay_bytes[2][SAMPLE] __attribute__((aligned(8)));
static struct platform_packet base;
static struct platform_trees trees;
static uint8_t *merged; // of exactly the room that tree_merge_room wants

static void make_base(bool labels)
{
	base = (struct platform_packet){base_bytes, sample_tree(base_bytes, labels)};
	trees.overlay_count = 0;
}

static void add_overlay(const char *label, const char *words)
{
	uint8_t *at = overlay_bytes[trees.overlay_count];

	trees.overlays[trees.overlay_count++] = (struct platform_packet){at, sample_overlay(at, label, words)};
}

static bool merge(const struct tree_facts *facts, struct fault *fault)
{
	size_t room = tree_merge_room(&base, &trees);

	free(merged);
	merged = aligned_alloc(8, (room + 7) & ~(size_t)7);
	assert_non_null(merged);
	memset(fault, 0, sizeof *fault);
	return tree_merge(merged, room, &base, &trees, facts, fault);
}

static void fails(uint16_t id, const char *words)
{
	struct fault fault;

	assert_false(merge(&nothing, &fault));
	assert_int_equal(fault.id, id);
	assert_contains(fault.facts, words);
}

static const void *property(const char *path, const char *name, int length)
{
	int got;
	const void *value = fdt_getprop(merged, fdt_path_offset(merged, path), name, &got);

	assert_int_equal(got, length);
	return value;
}

static void good(const struct tree_facts *facts)
{
	struct fault fault;

	if (!merge(facts, &fault))
		fail_msg("%s", fault.facts);
	assert_int_equal(fdt_check_full(merged, fdt_totalsize(merged)), 0);
}

static void overlays_in_their_order(void **state)
{
	(void)state;
	make_base(true);
	add_overlay(NULL, "first");
	add_overlay("net", "the second");
	good(&nothing);
	assert_string_equal(property("/net@1000", "words", 11), "the second");
	assert_string_equal(property("/net@1000", "compatible", 11), "maker,card");
}

static void overlays_that_do_not_fit(void **state)
{
	(void)state;
	make_base(true);
	add_overlay(NULL, "first");
	add_overlay("nosuch", "for another machine");
	fails(FAULT_TREE_OVERLAY, "overlay 2");
	make_base(false);
	add_overlay("net", "by a label that was not compiled in");
	fails(FAULT_TREE_OVERLAY, "overlay 1");
	make_base(true);
	add_overlay(NULL, "cut");
	trees.overlays[0].length--;
	fails(FAULT_TREE_BAD, "overlay 1");
	trees.overlays[0].length = 3;
	fails(FAULT_TREE_BAD, "overlay 1");
}

static void nodes_in_nodes_without_end(void **state)
{
	static const int depths[] = {40, 120};

	(void)state;
	for (size_t i = 0; i < COUNT(depths); i++) {
		uint8_t *tree = overlay_bytes[0];
		int node;

		make_base(true);
		add_overlay(NULL, "deep");
		fdt_open_into(tree, tree, SAMPLE);
		node = fdt_path_offset(tree, "/fragment@0/__overlay__");
		for (int depth = 0; depth < depths[i]; depth++)
			node = sample_node(tree, node, "a");
		assert_true(node > 0);
		trees.overlays[0].length = fdt_totalsize(tree);
		if (i == 0)
			good(&nothing);
		else
			fails(FAULT_TREE_BAD, "overlay 1");
	}
}

static void facts_of_this_boot(void **state)
{
	const struct tree_facts facts = {.hwaddr = mac, .kaslr_seed = seed};

	(void)state;
	make_base(false);
	good(&facts);
	assert_memory_equal(property("/chosen", "lanyard,boot-mac-address", 6), mac, 6);
	assert_memory_equal(property("/chosen", "kaslr-seed", 8), seed, 8);
	assert_memory_equal(property("/net@1000", "local-mac-address", 6), mac, 6);
	good(&nothing);
	assert_null(fdt_getprop(merged, fdt_path_offset(merged, "/net@1000"), "local-mac-address", NULL));
}

static void set(const char *path, const char *name, const void *value, int length)
{
	int node;

	fdt_open_into(base_bytes, base_bytes, SAMPLE);
	node = fdt_path_offset(base_bytes, path);
	assert_int_equal(fdt_setprop(base_bytes, node, name, value, length), 0);
	base.length = fdt_totalsize(base_bytes);
}

static void cards_keep_their_addresses(void **state)
{
	const struct tree_facts facts = {.hwaddr = mac};

	(void)state;
	make_base(false);
	set("/net@1000", "local-mac-address", "\2\2\2\2\2\2", 6);
	good(&facts);
	assert_memory_equal(property("/net@1000", "local-mac-address", 6), "\2\2\2\2\2\2", 6);
	make_base(false);
	set("/net@1000", "local-mac-address", "\0\0\0\0\0\0", 6); // a place for one
	good(&facts);
	assert_memory_equal(property("/net@1000", "local-mac-address", 6), mac, 6);
	make_base(false);
	set("/net@1000", "mac-address", "\2\2\2\2\2\2", 6);
	good(&facts);
	assert_null(fdt_getprop(merged, fdt_path_offset(merged, "/net@1000"), "local-mac-address", NULL));
	make_base(false);
	set("/aliases", "ethernet1", "/net@2000", 10); // which of both we came by is not known
	good(&facts);
	assert_null(fdt_getprop(merged, fdt_path_offset(merged, "/net@1000"), "local-mac-address", NULL));
	make_base(false);
	set("/aliases", "ethernet0", "/nowhere", 9);
	good(&facts);
}

static void every_truncation(void **state)
{
	(void)state;
	make_base(true);
	for (size_t length = base.length; length-- > 0;) {
		uint8_t *cut = aligned_alloc(8, 8 + SAMPLE);
		struct fault fault;

		memcpy(cut, base_bytes, length);
		base = (struct platform_packet){cut, length};
		assert_false(merge(&nothing, &fault));
		assert_int_equal(fault.id, FAULT_TREE_BAD);
		free(cut);
	}
}

// Whatever a byte becomes: a tree or a fault, and nothing outside is read or written.
static void every_byte_changed(void **state)
{
	const struct tree_facts facts = {.hwaddr = mac, .kaslr_seed = seed};
	static const uint8_t changes[] = {0x01, 0x80, 0xff};

	(void)state;
	make_base(true);
	add_overlay("net", "words");
	for (size_t i = 0; i < (base.length + trees.overlays[0].length) * COUNT(changes); i++) {
		size_t at = i / COUNT(changes);
		uint8_t change = changes[i % COUNT(changes)];
		struct fault fault;

		make_base(true);
		add_overlay("net", "words");
		if (at < base.length)
			base_bytes[at] ^= change;
		else
			overlay_bytes[0][at - base.length] ^= change;
		if (!merge(&facts, &fault))
			assert_true(fault.id == FAULT_TREE_BAD || fault.id == FAULT_TREE_OVERLAY);
	}
}

static int clean(void **state)
{
	(void)state;
	free(merged);
	merged = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlays_in_their_order),
		cmocka_unit_test(overlays_that_do_not_fit),
		cmocka_unit_test(nodes_in_nodes_without_end),
		cmocka_unit_test(facts_of_this_boot),
		cmocka_unit_test(cards_keep_their_addresses),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(every_byte_changed),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
