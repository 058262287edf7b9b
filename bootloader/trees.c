// SPDX-License-Identifier: BSD-2-Clause
// FDT names a tree, FDTDIR a directory of them, FDTOVERLAYS what is applied to it in this order, as
// in U-Boot (doc/README.pxe). Where a directory has no tree for this machine, the firmware's own one
// serves, as there. Other than there an overlay that is missing is a failure: the machine would come
// up without a device, and nobody would know why.
#include "bootloader/trees.h"
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"

enum { PAGE = 4096, LOWEST = 0x100000 };

static bool too_large(const char *name, uint64_t room, struct fault *fault)
{
	return fault_set(fault, FAULT_TREE_BAD, "(\"%.100s\" has more than %u bytes)", name, (unsigned)room);
}

static bool fetch_tree(struct boot *b, const char *name, struct platform_packet *to, struct fault *fault)
{
	struct boot_load *l = &b->load;
	const uint64_t left = TREES_ROOM - l->trees_used;
	struct sink_memory sink;
	struct path path;
	uint64_t size;

	memset(&path, 0, sizeof path);
	sink_memory(&sink, l->trees_room + l->trees_used, left < TREE_SIZE ? left : TREE_SIZE);
	if (!load_file(b, name, &path, NULL, false, &size, fault))
		return false;
	if (size != SINK_SIZE_UNKNOWN && size > sink.room)
		return too_large(name, sink.room, fault);
	if (!load_file(b, name, &path, &sink.sink, !b->plan.quiet, &size, fault))
		return fault->id == FAULT_FILE_TOO_LARGE ? too_large(name, sink.room, fault) : false;
	*to = (struct platform_packet){sink.at, (size_t)sink.size};
	l->trees_used += (sink.size + 7) & ~(uint64_t)7;
	return trees_check(to->bytes, to->length, name, fault);
}

// The next word of a text; false at its end, and with *fault if it is longer than a name can be.
static bool next_word(const char **text, char word[PATH_NAME], struct fault *fault)
{
	struct text t = text_of(word, PATH_NAME);

	*text = config_skip(*text);
	text_append(&t, *text, config_word(*text));
	*text += config_word(*text);
	if (t.cut)
		fault_set(fault, FAULT_CONFIG_ERROR, ": the file name '%.40s...' is longer than %d characters",
			word, PATH_NAME - 1);
	return t.length && !t.cut;
}

static bool from_directory(struct boot *b, const char *directory, struct fault *fault)
{
	const struct platform_packet *names = &b->id->compatible;
	char name[2 * PATH_NAME];

	for (unsigned i = 0;; i++) {
		struct text t = text_of(name, sizeof name);
		size_t before;

		text_format(&t, "%s%s", directory, directory[strlen(directory) - 1] == '/' ? "" : "/");
		before = t.length;
		if (!trees_candidate((const char *)names->bytes, names->length, i, &t))
			break;
		if (t.length == before || t.cut)
			continue;
		if (fetch_tree(b, name, &b->load.trees.tree, fault))
			return true;
		if (!fetch_refused(fault))
			return false;
	}
	console_stage("no device tree for %s in %s: the firmware's serves",
		names->length ? (const char *)names->bytes : "a machine without a name", directory);
	fault->id = FAULT_NONE;
	return true;
}

static bool fetch_overlays(struct boot *b, const char *list, struct fault *fault)
{
	struct platform_trees *trees = &b->load.trees;
	char name[PATH_NAME];

	while (next_word(&list, name, fault)) {
		if (trees->overlay_count == PLATFORM_OVERLAYS)
			return fault_set(fault, FAULT_CONFIG_ERROR, ": more than %d overlays",
				PLATFORM_OVERLAYS);
		if (!fetch_tree(b, name, &trees->overlays[trees->overlay_count++], fault))
			return false;
	}
	return fault->id == FAULT_NONE;
}

static bool reserve_room(struct boot *b, struct fault *fault)
{
	const struct platform_place place = {
		.size = TREES_ROOM, .min = LOWEST, .max = UINT64_MAX, .align = PAGE};

	b->load.trees_room = platform_reserve(&place);
	return b->load.trees_room || fault_set(fault, FAULT_MEMORY, "(%u MB for device trees, %u MB are free)",
		TREES_ROOM >> 20, (unsigned)(platform_memory_free() >> 20));
}

bool trees_load(struct boot *b, struct fault *fault)
{
	const struct plan *p = &b->plan;
	char name[PATH_NAME];
	const char *words = p->fdt ? p->fdt : p->fdtdir ? p->fdtdir : "";
	bool named;

	fault->id = FAULT_NONE;
	if (!reserve_room(b, fault))
		return false;
	b->load.trees.kaslr_seed = p->kaslrseed;
	named = next_word(&words, name, fault);
	if (fault->id != FAULT_NONE)
		return false;
	if (named && p->fdt && !fetch_tree(b, name, &b->load.trees.tree, fault))
		return false;
	if (named && !p->fdt && !from_directory(b, name, fault))
		return false;
	return !p->overlays || fetch_overlays(b, p->overlays, fault);
}
