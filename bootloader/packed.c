// SPDX-License-Identifier: BSD-2-Clause
// A kernel that comes as a gzip file (Image.gz). The file goes to a place of its own. Its beginning is
// unpacked for the kernel's header, which says how much memory the kernel takes: that bounds what
// is unpacked then.
#include "bootloader/gzip.h"
#include "bootloader/packed.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum {
	LOWEST = 0x100000,
	PAGE = 4096,
	UNTOLD = 256 * 1024 * 1024, // room for a file whose size nobody tells
};

static void release(struct sink_kernel *s)
{
	if (s->packed)
		platform_release(s->packed, s->packed_room);
	s->packed = NULL;
}

static bool place(struct sink_kernel *s, struct fault *fault)
{
	struct platform_place want = {.size = s->size, .min = LOWEST, .max = UINT64_MAX, .align = PAGE};

	if (s->size < s->head_length)
		return fault_set(fault, FAULT_FILE_SIZE, "(more than %llu bytes)", (unsigned long long)s->size);
	if (s->size == SINK_SIZE_UNKNOWN)
		want.size = UNTOLD;
	while (!(s->packed = platform_reserve(&want)) && s->size == SINK_SIZE_UNKNOWN &&
		want.size > PAGE)
		want.size >>= 1;
	s->packed_room = want.size;
	if (s->packed)
		return true;
	return fault_set(fault, FAULT_MEMORY, "for the packed kernel: its file has %u MiB, and %u MiB "
		"are free in all", (unsigned)(s->size >> 20) + 1, (unsigned)(platform_memory_free() >> 20));
}

static bool told(enum gzip_result result, uint64_t size, struct fault *fault)
{
	switch (result) {
	case GZIP_DONE:
		return true;
	case GZIP_CUT:
		return fault_set(fault, FAULT_KERNEL_CUT, "(%llu bytes: its gzip data go on)",
			(unsigned long long)size);
	case GZIP_FULL:
		return fault_set(fault, FAULT_KERNEL_BAD,
			": what is in the gzip file is longer than the kernel's header says");
	case GZIP_DAMAGED:
		break;
	}
	return fault_set(fault, FAULT_KERNEL_BAD, ": its gzip data are damaged");
}

static bool unpack_head(struct sink_kernel *s, struct fault *fault)
{
	uint64_t size;
	enum gzip_result result = gzip_unpack(s->packed, s->size, s->head, LINUX_HEAD, &size);

	s->head_length = (size_t)size;
	if (result == GZIP_FULL)
		return true;
	return told(result, s->size, fault);
}

static bool unpack(struct sink_kernel *s, struct fault *fault)
{
	const uint64_t packed_size = s->size;

	if (!unpack_head(s, fault))
		return false;
	s->size = SINK_SIZE_UNKNOWN;
	if (!sink_kernel_place(s, fault))
		return false;
	return told(gzip_unpack(s->packed, packed_size, s->at, s->room, &s->size), packed_size, fault) &&
	       sink_kernel_complete(s, s->size, fault);
}

static bool finish(struct sink_kernel *s, struct fault *fault)
{
	bool good = unpack(s, fault);

	release(s);
	return good;
}

const struct packed_kernel packed_gzip = {gzip_begins, place, finish, release};
