// SPDX-License-Identifier: BSD-2-Clause
// Frames that are on their way: a heap, the one that is due first at its top. Of those due at the same
// time the one that came first is first.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUEUE_FRAMES = 1 << 16 };

struct queue_frame {
	uint64_t due, order;
	int to;
	size_t length;
	uint8_t bytes[];
};

struct queue {
	size_t count;
	uint64_t order;
	struct queue_frame *frames[QUEUE_FRAMES];
};

// A frame for port `to`, copied. NULL if there is no room or no memory.
struct queue_frame *queue_add(struct queue *q, const void *bytes, size_t length, int to, uint64_t due);
// When the first is due; UINT64_MAX if there is none.
uint64_t queue_deadline(const struct queue *q);
// Takes out the first, for the caller to free.
struct queue_frame *queue_take(struct queue *q);
