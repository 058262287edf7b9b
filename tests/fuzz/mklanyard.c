// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as a module index and as an ELF file: what mklanyard reads of a tree that it does not
// trust. An index found sound can be walked by a reader that checks nothing, as libkmod's is.
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/trie.h"
#include "tests/fuzz/harness.h"

static uint32_t big(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static unsigned walk(const uint8_t *file, uint32_t pointer)
{
	const uint8_t *at = file + (pointer & 0x0fffffff), *children = NULL;
	unsigned seen = 1, count = 0;

	if (pointer & 0x80000000)
		at += strlen((const char *)at) + 1;
	if (pointer & 0x20000000) {
		count = at[1] - at[0] + 1u;
		children = at + 2;
		at = children + 4 * count;
	}
	if (pointer & 0x40000000) {
		uint32_t values = big(at);

		for (at += 4; values; values--)
			at += 4 + strlen((const char *)at + 4) + 1;
	}
	for (unsigned i = 0; i < count; i++)
		if (big(children + 4 * i))
			seen += walk(file, big(children + 4 * i));
	return seen;
}

static void try_elf(const uint8_t *bytes, size_t length)
{
	struct elf e;
	struct reader info;
	const char *value;

	if (!elf_open(&e, bytes, length))
		return;
	PROMISE(!(elf_is_module(&e) && elf_is_static_program(&e)));
	info = elf_modinfo(&e);
	while ((value = elf_modinfo_next(&info, "alias")))
		touch(value, strlen(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t *exact = malloc(length ? length : 1); // its last byte is the block's

	PROMISE(exact);
	memcpy(exact, bytes, length);
	if (trie_is_sound(exact, length))
		PROMISE(walk(exact, big(exact + 8)) <= length);
	try_elf(exact, length);
	free(exact);
	return 0;
}
