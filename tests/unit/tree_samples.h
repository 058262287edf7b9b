// SPDX-License-Identifier: BSD-2-Clause
// Device trees for tests, as compilers make them: a machine with one network card, and an overlay for
// it, by path or by label.
#pragma once

#include <libfdt.h>

#include <stdint.h>
#include <string.h>

enum { SAMPLE = 2048 };

static inline int sample_node(void *tree, int parent, const char *name)
{
	return fdt_add_subnode(tree, parent, name);
}

// `labels`: compiled with -@, so that overlays may name &net.
static inline size_t sample_tree(uint8_t to[SAMPLE], bool labels)
{
	int node;

	fdt_create_empty_tree(to, SAMPLE);
	node = sample_node(to, 0, "net@1000");
	fdt_setprop_u32(to, node, "phandle", 1);
	fdt_setprop_string(to, node, "compatible", "maker,card");
	node = sample_node(to, 0, "aliases");
	fdt_setprop_string(to, node, "ethernet0", "/net@1000");
	fdt_setprop(to, 0, "compatible", "maker,board\0maker,soc", 22);
	if (labels)
		fdt_setprop_string(to, sample_node(to, 0, "__symbols__"), "net", "/net@1000");
	fdt_pack(to);
	return fdt_totalsize(to);
}

// Sets words = `words` on the card, which it names by its path or its label.
static inline size_t sample_overlay(uint8_t to[SAMPLE], const char *label, const char *words)
{
	int fragment;

	fdt_create_empty_tree(to, SAMPLE);
	fragment = sample_node(to, 0, "fragment@0");
	if (!label)
		fdt_setprop_string(to, fragment, "target-path", "/net@1000");
	else
		fdt_setprop_u32(to, fragment, "target", UINT32_MAX);
	fdt_setprop_string(to, sample_node(to, fragment, "__overlay__"), "words", words);
	if (label)
		fdt_setprop_string(to, sample_node(to, 0, "__fixups__"), label, "/fragment@0:target:0");
	fdt_pack(to);
	return fdt_totalsize(to);
}
