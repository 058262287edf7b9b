// SPDX-License-Identifier: BSD-2-Clause
// The archive is written here and not by libarchive, which cannot align data: as other tools do, a
// name gets more than one NUL at its end.
#include "initramfs/mklanyard/microcode.h"
#include "initramfs/mklanyard/say.h"
#include "netstack/base/bytes.h"

#include <string.h>
#include <sys/stat.h>

enum { ALIGNMENT = 16, BLOCK = 512, HEADER = 110, INTEL_HEADER = 48, INTEL_DATA = 2000 };
enum { AMD_MAGIC = 0x00414d44 };

static const struct vendor {
	const char *folder, *target;
	bool (*is_update)(const uint8_t *bytes, size_t length);
} vendors[] = {
	{"amd-ucode", "kernel/x86/microcode/AuthenticAMD.bin", microcode_is_amd},
	{"intel-ucode", "kernel/x86/microcode/GenuineIntel.bin", microcode_is_intel},
};

bool microcode_is_intel(const uint8_t *bytes, size_t length)
{
	struct reader all = reader_of(bytes, length);

	// One file may have several updates, for models that differ in little.
	while (reader_left(&all) >= INTEL_HEADER) {
		struct reader r = all;
		uint32_t version = read_u32_le(&r), loader, data, total;

		read_skip(&r, 4 * 4); // revision, date, signature, checksum
		loader = read_u32_le(&r);
		read_skip(&r, 4); // processor flags
		data = read_u32_le(&r);
		total = read_u32_le(&r);
		if (!data) // the sizes of the first processors' updates
			data = INTEL_DATA, total = INTEL_DATA + INTEL_HEADER;
		if (version != 1 || loader != 1 || total < INTEL_HEADER || total % 16 ||
			data > total - INTEL_HEADER)
			return false;
		read_skip(&all, total);
	}
	return length && !all.failed && !reader_left(&all);
}

bool microcode_is_amd(const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);

	return read_u32_le(&r) == AMD_MAGIC && !r.failed && length > 12;
}

static void pad(struct buffer *to, size_t alignment)
{
	static const uint8_t zeros[BLOCK];

	buffer_add(to, zeros, (alignment - to->length % alignment) % alignment);
}

// One entry of a "newc" archive. A file's data is aligned by NULs behind its name.
static void add_entry(struct buffer *to, const char *name, unsigned mode, uint32_t inode,
	uint32_t mtime, const struct buffer *content)
{
	size_t length = strlen(name) + 1;
	unsigned size = content ? (unsigned)content->length : 0;

	if (content)
		length += (ALIGNMENT - (to->length + HEADER + length) % ALIGNMENT) % ALIGNMENT;
	buffer_format(to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inode, mode,
		0, 0, mode ? S_ISDIR(mode) ? 2 : 1 : 0, mode ? mtime : 0, size, 0, 0, 0, 0,
		(unsigned)length, 0);
	buffer_add(to, name, strlen(name));
	for (size_t i = strlen(name); i < length; i++)
		buffer_add(to, "", 1);
	pad(to, 4);
	if (content)
		buffer_add(to, content->bytes, content->length);
	pad(to, 4);
}

// Whether the name can be one of an update's files, and not of a signature or a licence.
static bool is_update_name(const char *name)
{
	size_t length = strlen(name);

	return name[length - 1] != '/' && (length < 4 || strcmp(name + length - 4, ".asc")) &&
	       strncmp(name, "README", 6) && strncmp(name, "LICENSE", 7);
}

// Debian has some updates twice: NAME.initramfs for the early loading that this is for, and an
// older NAME that may be loaded into a running system.
static bool has_early_form(const struct tree_names *names, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < names->count; i++)
		if (!strncmp(names->list[i], name, length) &&
			!strcmp(names->list[i] + length, ".initramfs"))
			return true;
	return false;
}

// All updates of the folder, in the order of their names.
static void read_folder(
	const struct tree *t, const char *folder, const struct vendor *v, struct buffer *to)
{
	struct tree_names names = tree_list(t, folder);
	size_t bad = 0;

	for (size_t i = 0; i < names.count; i++) {
		struct buffer path = {0}, one = {0};
		struct fault ignored;
		bool damaged;

		if (!is_update_name(names.list[i]) || has_early_form(&names, names.list[i]))
			continue;
		buffer_format(&path, "%s/%s", folder, names.list[i]);
		buffer_add(&path, "", 1);
		if (tree_read_packed(
			    t, (char *)path.bytes, TREE_FIRMWARE_LIMIT, &one, &damaged, &ignored) &&
			v->is_update(one.bytes, one.length))
			buffer_add(to, one.bytes, one.length);
		else if (!bad++)
			say_note("%s is no microcode that can be read: left out",
				(char *)path.bytes);
		buffer_free(&path);
		buffer_free(&one);
	}
	tree_names_free(&names);
}

static void read_vendor(const struct tree *t, const struct vendor *v, struct buffer *to)
{
	static const char *const places[] = {"lib/firmware", "usr/lib/firmware"};

	for (size_t i = 0; i < sizeof places / sizeof *places && !to->length; i++) {
		struct buffer folder = {0};

		buffer_format(&folder, "%s/%s", places[i], v->folder);
		buffer_add(&folder, "", 1);
		read_folder(t, (char *)folder.bytes, v, to);
		buffer_free(&folder);
	}
}

void microcode_collect(const struct tree *t, uint32_t mtime, struct buffer *to)
{
	static const char *const directories[] = {"kernel", "kernel/x86", "kernel/x86/microcode"};
	struct buffer content[sizeof vendors / sizeof *vendors] = {0};
	uint32_t inode = 0;
	bool any = false;

	for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
		read_vendor(t, &vendors[i], &content[i]);
		any |= content[i].length > 0;
	}
	for (size_t i = 0; any && i < sizeof directories / sizeof *directories; i++)
		add_entry(to, directories[i], S_IFDIR | 0755, ++inode, mtime, NULL);
	for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
		if (content[i].length)
			add_entry(
				to, vendors[i].target, S_IFREG | 0644, ++inode, mtime, &content[i]);
		buffer_free(&content[i]);
	}
	if (any)
		add_entry(to, "TRAILER!!!", 0, 0, 0, NULL);
	pad(to, BLOCK);
}
