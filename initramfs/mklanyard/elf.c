// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/elf.h"

#include <string.h>

enum {
	CLASS_64 = 2,
	DATA_LITTLE = 1,
	TYPE_REL = 1,
	TYPE_EXEC = 2,
	TYPE_DYN = 3,
	SEGMENT_INTERP = 3
};
enum { HEADER_SIZE = 64, SEGMENT_SIZE = 56, SECTION_SIZE = 64, SECTION_NO_BITS = 8 };

// The `length` bytes at a file offset; an empty failed reader if the file does not have them.
static struct reader range(const struct elf *e, uint64_t offset, uint64_t length)
{
	struct reader none = reader_of(e->bytes, 0);

	if (offset <= e->length && length <= e->length - offset)
		return reader_of(e->bytes + offset, length);
	none.failed = true;
	return none;
}

bool elf_open(struct elf *e, const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);
	uint8_t ident[16];

	*e = (struct elf){.bytes = bytes, .length = length};
	read_bytes(&r, ident, sizeof ident);
	e->type = read_u16_le(&r);
	e->machine = read_u16_le(&r);
	read_skip(&r, 4 + 8); // e_version, e_entry
	e->segments = read_u64_le(&r);
	e->sections = read_u64_le(&r);
	read_skip(&r, 4 + 2); // e_flags, e_ehsize
	e->segment_size = read_u16_le(&r);
	e->segment_count = read_u16_le(&r);
	e->section_size = read_u16_le(&r);
	e->section_count = read_u16_le(&r);
	e->names = read_u16_le(&r);
	return !r.failed && !memcmp(ident, "\177ELF", 4) && ident[4] == CLASS_64 &&
	       ident[5] == DATA_LITTLE;
}

bool elf_is_foreign(const uint8_t *bytes, size_t length)
{
	return length > 6 && !memcmp(bytes, "\177ELF", 4) &&
	       (bytes[4] != CLASS_64 || bytes[5] != DATA_LITTLE);
}

bool elf_is_static_program(const struct elf *e)
{
	if ((e->type != TYPE_EXEC && e->type != TYPE_DYN) || !e->segment_count ||
		e->segment_size < SEGMENT_SIZE)
		return false;
	for (uint64_t i = 0; i < e->segment_count; i++) {
		struct reader r = range(e, e->segments + i * e->segment_size, SEGMENT_SIZE);

		if (read_u32_le(&r) == SEGMENT_INTERP || r.failed)
			return false;
	}
	return true;
}

struct section {
	uint32_t name, type; // name: offset in the names' section
	struct reader content;
};

static struct section section_at(const struct elf *e, uint64_t index)
{
	struct reader r = range(e, e->sections + index * e->section_size, SECTION_SIZE);
	struct section s = {0};
	uint64_t offset, length;

	s.name = read_u32_le(&r);
	s.type = read_u32_le(&r);
	read_skip(&r, 8 + 8); // sh_flags, sh_addr
	offset = read_u64_le(&r);
	length = read_u64_le(&r);
	s.content = range(e, offset, s.type == SECTION_NO_BITS ? 0 : length);
	s.content.failed |= r.failed;
	return s;
}

struct reader elf_modinfo(const struct elf *e)
{
	struct section names;

	if (e->type != TYPE_REL || e->section_size < SECTION_SIZE || e->names >= e->section_count)
		return range(e, e->length, 1);
	names = section_at(e, e->names);
	for (uint64_t i = 0; i < e->section_count && !names.content.failed; i++) {
		struct section s = section_at(e, i);
		struct reader name = names.content;
		const char *text;

		read_skip(&name, s.name);
		text = read_string(&name);
		if (text && !strcmp(text, ".modinfo"))
			return s.content;
	}
	return range(e, e->length, 1);
}

bool elf_is_module(const struct elf *e)
{
	return !elf_modinfo(e).failed;
}

const char *elf_modinfo_next(struct reader *modinfo, const char *key)
{
	size_t length = strlen(key);

	while (reader_left(modinfo) && !modinfo->failed) {
		const char *entry = read_string(modinfo);

		if (entry && !strncmp(entry, key, length) && entry[length] == '=')
			return entry + length + 1;
	}
	return NULL;
}

const char *elf_machine_name(uint16_t machine)
{
	return machine == ELF_X86_64    ? "x86-64"
	       : machine == ELF_AARCH64 ? "arm64"
					: "another machine";
}
