// SPDX-License-Identifier: BSD-2-Clause
// tests/wire/queue.h: what is due first comes first, and what came first of what is due together.
#include "tests/wire/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct queue q;

static void in_order(void **state)
{
	uint64_t due = 0, order = 0;
	uint32_t number = 1;

	(void)state;
	assert_true(queue_deadline(&q) == UINT64_MAX);
	for (uint32_t i = 0; i < 5000; i++) {
		number = number * 1103515245 + 12345;
		assert_non_null(queue_add(&q, &i, sizeof i, i & 1, number >> 16 & 0xff));
		if (i % 3 == 2) // some leave in between
			free(queue_take(&q));
	}
	while (q.count) {
		struct queue_frame *f = queue_take(&q);
		uint32_t i;

		assert_true(f->due > due || (f->due == due && f->order >= order));
		due = f->due;
		order = f->order;
		assert_int_equal(f->length, sizeof i);
		memcpy(&i, f->bytes, sizeof i);
		assert_int_equal(i, f->order);
		assert_int_equal(f->to, i & 1);
		free(f);
	}
}

static void full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < QUEUE_FRAMES; i++)
		assert_non_null(queue_add(&q, "", 1, 0, QUEUE_FRAMES - i));
	assert_null(queue_add(&q, "", 1, 0, 0));
	assert_int_equal(queue_deadline(&q), 1);
	while (q.count)
		free(queue_take(&q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(in_order), cmocka_unit_test(full)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
