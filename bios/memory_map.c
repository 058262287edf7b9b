// SPDX-License-Identifier: BSD-2-Clause
// The list of free spans. Invariants: sorted by start; start < end; between two spans there is at
// least one byte that is not free.
#include "bios/memory_map.h"

static void delete_span(struct memory_map *m, size_t at)
{
	for (m->count--; at < m->count; at++)
		m->spans[at] = m->spans[at + 1];
}

// False if the list is full.
static bool insert_span(struct memory_map *m, size_t at, uint64_t start, uint64_t end)
{
	size_t i;

	if (m->count == MEMORY_SPANS)
		return false;
	for (i = m->count++; i > at; i--)
		m->spans[i] = m->spans[i - 1];
	m->spans[at] = (struct memory_span){start, end};
	return true;
}

void memory_map_add(struct memory_map *m, uint64_t start, uint64_t end)
{
	size_t i = 0;

	if (start >= end)
		return;
	while (i < m->count && m->spans[i].end < start)
		i++;
	while (i < m->count && m->spans[i].start <= end) {
		if (m->spans[i].start < start)
			start = m->spans[i].start;
		if (m->spans[i].end > end)
			end = m->spans[i].end;
		delete_span(m, i);
	}
	insert_span(m, i, start, end);
}

void memory_map_remove(struct memory_map *m, uint64_t start, uint64_t end)
{
	size_t i = 0;

	if (start >= end)
		return;
	while (i < m->count) {
		struct memory_span *s = &m->spans[i];

		if (s->end <= start || s->start >= end) {
			i++;
		} else if (s->start < start && s->end > end) {
			// A hole in the middle. With no place left for a second span the upper part is
			// given up: too little memory is better than memory that is not ours.
			insert_span(m, i + 1, end, s->end);
			m->spans[i].end = start;
			return;
		} else if (s->start < start) {
			s->end = start;
			i++;
		} else if (s->end > end) {
			s->start = end;
			i++;
		} else {
			delete_span(m, i);
		}
	}
}

// The place inside [low, high); false if it does not fit.
static bool fit(const struct platform_place *want, uint64_t low, uint64_t high, uint64_t *at)
{
	uint64_t mask = want->align > 1 ? (uint64_t)want->align - 1 : 0;

	if (low > UINT64_MAX - mask)
		return false;
	low = (low + mask) & ~mask;
	if (low > high || high - low < want->size)
		return false;
	*at = want->top ? (high - want->size) & ~mask : low;
	return true;
}

bool memory_map_find(const struct memory_map *m, const struct platform_place *want, uint64_t *at)
{
	size_t i;

	if (want->size == 0)
		return false;
	for (i = 0; i < m->count; i++) {
		const struct memory_span *s = &m->spans[want->top ? m->count - 1 - i : i];
		uint64_t low = s->start > want->min ? s->start : want->min;
		uint64_t high = s->end - 1 < want->max ? s->end : want->max + 1;

		if (low < high && fit(want, low, high, at))
			return true;
	}
	return false;
}

bool memory_map_has(const struct memory_map *m, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->spans[i].start <= start && end <= m->spans[i].end)
			return start <= end;
	return false;
}

uint64_t memory_map_total(const struct memory_map *m)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < m->count; i++)
		total += m->spans[i].end - m->spans[i].start;
	return total;
}
