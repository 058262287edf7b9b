// SPDX-License-Identifier: BSD-2-Clause
// What a machine's device tree may be called, and whether a file is one.
#include "bootloader/trees.h"
#include "netstack/base/bytes.h"

enum {
	MAGIC = 0xd00dfeed,
	HEADER = 40,     // bytes, of version 17
	BOARDS = 4,      // names of the machine that are tried
	PATTERNS = 4,    // names of files for each of them
};

// A name of the list, as far as file names can be made of it: "vendor,model".
static bool nth_name(const char *list, size_t length, unsigned number, const char **vendor,
	size_t *vendor_length, const char **model)
{
	struct reader r = reader_of(list, length);
	const char *name = NULL;

	for (unsigned i = 0; i <= number; i++)
		if (!reader_left(&r) || !(name = read_string(&r)))
			return false;
	*vendor = *model = name;
	*vendor_length = 0;
	for (const char *p = name; *p; p++) {
		if (*p <= ' ' || *p >= 0x7f || *p == '/')
			*model = ""; // no part of a file's name
		else if (*p == ',' && *model == name) {
			*model = p + 1;
			*vendor_length = (size_t)(p - name);
		}
	}
	return true;
}

static unsigned count_names(const char *list, size_t length)
{
	const char *vendor, *model;
	size_t vendor_length;
	unsigned count = 0;

	while (nth_name(list, length, count, &vendor, &vendor_length, &model))
		count++;
	return count;
}

// Linux calls its trees "vendor of the processor/processor-board.dtb", U-Boot asks for
// "processor-board.dtb"; a machine that is its own processor has the board only.
bool trees_candidate(const char *compatible, size_t length, unsigned number, struct text *to)
{
	const unsigned names = count_names(compatible, length), board = number / PATTERNS;
	const char *maker, *soc, *vendor, *model;
	size_t maker_length, vendor_length;
	const bool by_soc = number % PATTERNS < 2, in_folder = number % 2;

	if (!names || board >= BOARDS || board >= (names > 1 ? names - 1 : 1))
		return false;
	nth_name(compatible, length, names - 1, &maker, &maker_length, &soc);
	nth_name(compatible, length, board, &vendor, &vendor_length, &model);
	if (!*model || (by_soc && (!*soc || names == 1)) ||
		(in_folder && !(by_soc ? maker_length : vendor_length)))
		return true;
	if (in_folder) {
		text_append(to, by_soc ? maker : vendor, by_soc ? maker_length : vendor_length);
		text_putc(to, '/');
	}
	if (by_soc)
		text_format(to, "%s-", soc);
	text_format(to, "%s.dtb", model);
	return true;
}

bool trees_check(const uint8_t *bytes, size_t length, const char *name, struct fault *fault)
{
	struct reader r = reader_of(bytes, length);
	const uint32_t magic = read_u32(&r), size = read_u32(&r);

	if (length >= 4 && magic != MAGIC)
		return fault_set(fault, FAULT_TREE_BAD,
			"(\"%.100s\" begins with %02x %02x %02x %02x, which no device tree does)", name,
			bytes[0], bytes[1], bytes[2], bytes[3]);
	if (length < HEADER || size > length)
		return fault_set(fault, FAULT_TREE_BAD,
			"(\"%.100s\" is cut off: %zu bytes, its header promises %u)", name, length,
			length < HEADER ? HEADER : size);
	return true;
}
