// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/trie.h"
#include "netstack/base/bytes.h"

enum { MAGIC = 0xb007f457, VERSION = 0x00020001, HEADER_SIZE = 12 };
enum { DEPTH_LIMIT = 1024, CHARACTERS = 128 };

#define HAS_PREFIX 0x80000000u
#define HAS_VALUES 0x40000000u
#define HAS_CHILDREN 0x20000000u
#define OFFSET_MASK 0x0fffffffu

struct walk {
	const uint8_t *bytes;
	size_t length;
	size_t bytes_left; // nodes do not overlap, so together they have no more bytes than the
			   // file
};

static bool node_is_sound(struct walk *w, uint32_t pointer, unsigned depth);

// Reads over the table of children; `table` is what it holds.
static void read_children(struct reader *r, struct reader *table)
{
	unsigned first = read_u8(r), last = read_u8(r);

	r->failed |= first > last || last >= CHARACTERS;
	*table = read_sub(r, r->failed ? 0 : 4 * (last - first + 1));
}

static void read_values(struct reader *r)
{
	uint32_t count = read_u32(r);

	for (uint32_t i = 0; i < count && !r->failed; i++) {
		read_u32(r); // priority
		read_string(r);
	}
}

static bool children_are_sound(struct walk *w, struct reader *table, unsigned depth)
{
	while (reader_left(table)) {
		uint32_t child = read_u32(table);

		if (child && !node_is_sound(w, child, depth + 1))
			return false;
	}
	return true;
}

static bool node_is_sound(struct walk *w, uint32_t pointer, unsigned depth)
{
	uint32_t offset = pointer & OFFSET_MASK;
	struct reader r = reader_of(w->bytes, w->length), children = reader_of(w->bytes, 0);
	size_t before;

	if (offset < HEADER_SIZE || depth > DEPTH_LIMIT)
		return false;
	read_skip(&r, offset);
	before = reader_left(&r);
	if (pointer & HAS_PREFIX)
		read_string(&r);
	if (pointer & HAS_CHILDREN)
		read_children(&r, &children);
	if (pointer & HAS_VALUES)
		read_values(&r);
	if (r.failed || before - reader_left(&r) > w->bytes_left)
		return false;
	w->bytes_left -= before - reader_left(&r);
	return children_are_sound(w, &children, depth);
}

bool trie_is_sound(const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);
	struct walk w = {.bytes = bytes, .length = length, .bytes_left = length};
	uint32_t magic = read_u32(&r), version = read_u32(&r), root = read_u32(&r);

	return !r.failed && magic == (uint32_t)MAGIC && version == VERSION &&
	       node_is_sound(&w, root, 0);
}
