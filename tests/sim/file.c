// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/file.h"

#include <string.h>

uint8_t sim_file_byte(const struct sim_file *f, uint64_t offset)
{
	size_t head = f->head ? strlen(f->head) : 0;
	uint64_t n = f->from + offset - head + f->seed * 0x9e3779b97f4a7c15;

	if (offset < head)
		return (uint8_t)f->head[offset];
	n ^= n >> 29;
	n *= 0xbf58476d1ce4e5b9;
	return (uint8_t)(n >> 56);
}

void sim_file_read(const struct sim_file *f, uint64_t offset, void *to, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)to)[i] = sim_file_byte(f, offset + i);
}

static bool begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sim_sink *s = (struct sim_sink *)sink;

	s->begins++;
	s->announced = size;
	s->received = s->written = 0;
	if (s->limit && size != SINK_SIZE_UNKNOWN && size > s->limit)
		return fault_set(fault, FAULT_FILE_TOO_LARGE, "(%llu bytes)", (unsigned long long)size);
	return true;
}

static bool write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct sim_sink *s = (struct sim_sink *)sink;

	if (s->limit && offset + length > s->limit)
		return fault_set(fault, FAULT_FILE_TOO_LARGE, "(more than %llu bytes)",
			(unsigned long long)s->limit);
	s->wrong |= offset > s->received && !s->any_order;
	s->written += length;
	for (size_t i = 0; i < length; i++)
		s->wrong |= ((const uint8_t *)bytes)[i] != sim_file_byte(s->file, offset + i);
	if (offset + length > s->received)
		s->received = offset + length;
	return true;
}

static bool same(struct sink *sink, uint64_t offset, const void *bytes, size_t length)
{
	struct sim_sink *s = (struct sim_sink *)sink;

	s->wrong |= offset + length > s->received;
	s->compared += length;
	for (size_t i = 0; i < length; i++)
		if (((const uint8_t *)bytes)[i] != sim_file_byte(s->file, offset + i))
			return false;
	return true;
}

static bool commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct sim_sink *s = (struct sim_sink *)sink;

	(void)fault;
	s->commits++;
	s->wrong |= size != s->received || size != s->file->size;
	return true;
}

static const struct sink_ops ops = {.begin = begin, .write = write, .same = same, .commit = commit};

void sim_sink_init(struct sim_sink *s, const struct sim_file *file)
{
	*s = (struct sim_sink){.sink = {.ops = &ops}, .file = file};
}

bool sim_sink_good(const struct sim_sink *s)
{
	return s->commits == 1 && !s->wrong;
}
