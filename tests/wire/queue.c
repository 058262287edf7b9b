// SPDX-License-Identifier: BSD-2-Clause
#include "tests/wire/queue.h"

#include <stdlib.h>
#include <string.h>

static bool before(const struct queue_frame *a, const struct queue_frame *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void swap(struct queue *q, size_t i, size_t k)
{
	struct queue_frame *f = q->frames[i];

	q->frames[i] = q->frames[k];
	q->frames[k] = f;
}

struct queue_frame *queue_add(struct queue *q, const void *bytes, size_t length, int to, uint64_t due)
{
	struct queue_frame *f;

	if (q->count == QUEUE_FRAMES || !(f = malloc(sizeof *f + length)))
		return NULL;
	*f = (struct queue_frame){.due = due, .order = q->order++, .to = to, .length = length};
	memcpy(f->bytes, bytes, length);
	q->frames[q->count] = f;
	for (size_t i = q->count++; i > 0 && before(f, q->frames[(i - 1) / 2]); i = (i - 1) / 2)
		swap(q, i, (i - 1) / 2);
	return f;
}

uint64_t queue_deadline(const struct queue *q)
{
	return q->count ? q->frames[0]->due : UINT64_MAX;
}

struct queue_frame *queue_take(struct queue *q)
{
	struct queue_frame *first = q->frames[0];
	size_t i = 0, least;

	q->frames[0] = q->frames[--q->count];
	while ((least = 2 * i + 1) < q->count) {
		if (least + 1 < q->count && before(q->frames[least + 1], q->frames[least]))
			least++;
		if (!before(q->frames[least], q->frames[i]))
			break;
		swap(q, i, least);
		i = least;
	}
	return first;
}
