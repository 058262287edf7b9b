// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/sinks.h"
#include "bootloader/packed.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

// Whether `length` bytes at `offset` lie within `room`.
static bool fits(uint64_t offset, size_t length, uint64_t room)
{
	return offset <= room && length <= room - offset;
}

static bool text_begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sink_text *s = (struct sink_text *)sink;

	s->length = 0;
	if (size == SINK_SIZE_UNKNOWN || size <= s->size)
		return true;
	return fault_set(fault, FAULT_CONFIG_TOO_LARGE, "(%llu bytes, %zu are allowed)",
		(unsigned long long)size, s->size);
}

static bool text_write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct sink_text *s = (struct sink_text *)sink;

	if (!fits(offset, length, s->size))
		return fault_set(fault, FAULT_CONFIG_TOO_LARGE, "(more than %zu bytes)", s->size);
	memcpy(s->to + offset, bytes, length);
	return true;
}

static bool text_sink_same(struct sink *sink, uint64_t offset, const void *bytes, size_t length)
{
	return memcmp(((struct sink_text *)sink)->to + offset, bytes, length) == 0;
}

static bool text_commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	(void)fault;
	((struct sink_text *)sink)->length = (size_t)size;
	return true;
}

void sink_text(struct sink_text *s, char *to, size_t size)
{
	static const struct sink_ops ops = {text_begin, text_write, text_sink_same, text_commit};

	*s = (struct sink_text){.sink = {&ops}, .to = to, .size = size};
}

void sink_kernel_release(struct sink_kernel *s)
{
	if (s->at)
		platform_release(s->at, s->room);
	s->at = NULL;
	if (s->packing)
		s->packing->release(s);
}

static bool kernel_begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sink_kernel *s = (struct sink_kernel *)sink;

	(void)fault;
	sink_kernel_release(s);
	s->size = size;
	s->head_length = 0;
	return true;
}

static bool too_long(uint64_t room, struct fault *fault)
{
	return fault_set(fault, FAULT_FILE_SIZE, "(more than %llu bytes)", (unsigned long long)room);
}

bool sink_kernel_place(struct sink_kernel *s, struct fault *fault)
{
	enum { SIGNATURE = 64 * 1024 }; // what may follow the size that the header promises
	uint64_t promised;

	if (!(s->programs && linux_program(&s->image, s->head, s->head_length)) &&
		!linux_parse(&s->image, s->head, s->head_length, s->size, fault))
		return false;
	if (s->image.machine != s->machine)
		return fault_set(fault, FAULT_KERNEL_BAD, ": it is for %s",
			s->image.machine == LINUX_ARM64 ? "arm64" : "x86");
	promised = s->image.syssize ? (uint64_t)s->image.setup_size + s->image.syssize + SIGNATURE
				    : s->image.init_size; // arm64 tells no more
	s->room = s->size == SINK_SIZE_UNKNOWN ? promised : s->size;
	if (s->size == SINK_SIZE_UNKNOWN && s->room < s->head_length)
		s->room = s->head_length;
	if (s->room < s->head_length)
		return too_long(s->room, fault);
	s->at = platform_reserve_kernel(&s->image, s->room, fault);
	if (!s->at)
		return false;
	memcpy(s->at, s->head, s->head_length);
	return true;
}

// The head is complete: finds out what it is and where it has to go.
static bool begin_body(struct sink_kernel *s, struct fault *fault)
{
	if (!s->packing || !s->packing->begins(s->head, s->head_length))
		return sink_kernel_place(s, fault);
	if (!s->packing->place(s, fault))
		return false;
	memcpy(s->packed, s->head, s->head_length);
	return true;
}

// Where the file's bytes are.
static uint8_t *kernel_bytes(struct sink_kernel *s)
{
	return s->packed ? s->packed : s->at ? s->at : s->head;
}

// The part of a write that belongs to the head. Gives its length.
static size_t kernel_head(struct sink_kernel *s, uint64_t offset, const void *bytes, size_t length)
{
	size_t take = LINUX_HEAD - s->head_length;

	if (offset != s->head_length)
		return 0;
	if (take > length)
		take = length;
	memcpy(s->head + s->head_length, bytes, take);
	s->head_length += take;
	return take;
}

static bool kernel_write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct sink_kernel *s = (struct sink_kernel *)sink;
	uint64_t room;

	if (!s->at && !s->packed) {
		size_t taken = kernel_head(s, offset, bytes, length);

		if (taken == 0)
			return fault_set(fault, FAULT_KERNEL_BAD,
				": its beginning did not come first");
		if (s->head_length < LINUX_HEAD && s->head_length < s->size)
			return true;
		if (!begin_body(s, fault))
			return false;
		offset += taken;
		bytes = (const uint8_t *)bytes + taken;
		length -= taken;
	}
	room = s->packed ? s->packed_room : s->room;
	if (!fits(offset, length, room))
		return too_long(room, fault);
	memcpy(kernel_bytes(s) + offset, bytes, length);
	return true;
}

static bool kernel_same(struct sink *sink, uint64_t offset, const void *bytes, size_t length)
{
	struct sink_kernel *s = (struct sink_kernel *)sink;

	return memcmp(kernel_bytes(s) + offset, bytes, length) == 0;
}

bool sink_kernel_complete(const struct sink_kernel *s, uint64_t size, struct fault *fault)
{
	if (size >= (uint64_t)s->image.setup_size + s->image.syssize)
		return true;
	return fault_set(fault, FAULT_KERNEL_CUT, "(%llu bytes, its header promises %llu)",
		(unsigned long long)size,
		(unsigned long long)s->image.setup_size + s->image.syssize);
}

static bool kernel_commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sink_kernel *s = (struct sink_kernel *)sink;

	s->size = size;
	if (size == 0)
		return fault_set(fault, FAULT_FILE_EMPTY, "(0 bytes)");
	// Shorter than a head, and its size was not announced.
	if (!s->at && !s->packed && !begin_body(s, fault))
		return false;
	return s->packed || sink_kernel_complete(s, size, fault);
}

bool sink_kernel_finish(struct sink_kernel *s, struct fault *fault)
{
	return !s->packed || s->packing->finish(s, fault);
}

void sink_kernel(struct sink_kernel *s, enum linux_machine machine)
{
	static const struct sink_ops ops = {kernel_begin, kernel_write, kernel_same, kernel_commit};

	memset(s, 0, sizeof *s);
	s->sink.ops = &ops;
	s->machine = machine;
}

static bool memory_begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sink_memory *s = (struct sink_memory *)sink;

	if (size == SINK_SIZE_UNKNOWN || size <= s->room)
		return true;
	return fault_set(fault, FAULT_FILE_SIZE, "(%llu bytes now, room was made for %llu)",
		(unsigned long long)size, (unsigned long long)s->room);
}

static bool memory_write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct sink_memory *s = (struct sink_memory *)sink;

	if (!fits(offset, length, s->room))
		return fault_set(fault, FAULT_FILE_TOO_LARGE, "(more than %llu bytes)",
			(unsigned long long)s->room);
	memcpy(s->at + offset, bytes, length);
	return true;
}

static bool memory_same(struct sink *sink, uint64_t offset, const void *bytes, size_t length)
{
	return memcmp(((struct sink_memory *)sink)->at + offset, bytes, length) == 0;
}

static bool memory_commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sink_memory *s = (struct sink_memory *)sink;

	s->size = size;
	return size > 0 || fault_set(fault, FAULT_FILE_EMPTY, "(0 bytes)");
}

void sink_memory(struct sink_memory *s, uint8_t *at, uint64_t room)
{
	static const struct sink_ops ops = {memory_begin, memory_write, memory_same, memory_commit};

	*s = (struct sink_memory){.sink = {&ops}, .at = at, .room = room};
}
