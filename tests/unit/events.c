// SPDX-License-Identifier: BSD-2-Clause
// server-stub/events.h: timers in order, whatever their callbacks do to others; descriptors that are
// taken away while they wait for their turn.
#include "server-stub/events.h"
#include "tests/unit/vectors.h"

#include <unistd.h>

enum { MANY = 500 };

struct clock_watch {
	struct event_timer timer;
	unsigned number, times;
	uint64_t at;
};

static struct events *events;
static struct clock_watch watches[MANY];
static unsigned order[MANY * 2], ran;

static int set_up(void **state)
{
	(void)state;
	events = events_new();
	memset(watches, 0, sizeof watches);
	ran = 0;
	return events ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	events_free(events);
	return 0;
}

static void note(void *owner, uint64_t now)
{
	struct clock_watch *w = owner;

	assert_int_equal(w->timer.place, 0);
	assert_in_range(w->timer.due, 0, now);
	w->times++;
	w->at = now;
	order[ran++] = w->number;
}

static void stop(void *owner, uint64_t now)
{
	note(owner, now);
	events_stop(events);
}

static void arm(unsigned number, void (*expired)(void *, uint64_t), uint64_t due)
{
	struct clock_watch *w = &watches[number];

	w->number = number;
	w->timer.expired = expired;
	w->timer.owner = w;
	events_timer(events, &w->timer, due);
}

static uint32_t some_number(void)
{
	static uint32_t x = 12345;

	return x = x * 1103515245 + 12345;
}

static void timers_run_in_their_order(void **state)
{
	uint64_t base = events_now() - 10000, last = 0;

	(void)state;
	for (unsigned i = 0; i < MANY - 1; i++)
		arm(i, note, base + some_number() % 5000);
	for (unsigned i = 0; i < MANY - 1; i++) { // moved, taken out, left alone
		if (i % 3 == 0)
			events_timer(events, &watches[i].timer, base + some_number() % 5000);
		if (i % 3 == 1)
			events_timer(events, &watches[i].timer, UINT64_MAX);
	}
	arm(MANY - 1, stop, base + 6000);
	events_run(events);
	for (unsigned i = 0; i < MANY - 1; i++)
		assert_int_equal(watches[i].times, i % 3 != 1);
	for (unsigned i = 0; i < ran; i++) {
		assert_true(watches[order[i]].timer.due >= last);
		last = watches[order[i]].timer.due;
	}
	assert_int_equal(order[ran - 1], MANY - 1);
}

static void timers_wait(void **state)
{
	uint64_t now = events_now();

	(void)state;
	arm(0, note, now + 20);
	arm(1, stop, now + 40);
	events_run(events);
	assert_in_range(watches[0].at, now + 20, now + 2000);
	assert_in_range(watches[1].at, now + 40, now + 2000);
}

static void take_others_out(void *owner, uint64_t now)
{
	note(owner, now);
	events_timer(events, &watches[1].timer, UINT64_MAX); // due as well, but no more
	events_timer(events, &watches[2].timer, now + 5);    // due as well, but later
	events_timer(events, &watches[4].timer, UINT64_MAX); // not due
}

static void callbacks_change_other_timers(void **state)
{
	uint64_t now = events_now();

	(void)state;
	arm(0, take_others_out, now - 3);
	arm(1, note, now - 2);
	arm(2, stop, now - 1);
	arm(3, note, now);
	arm(4, note, now + 3);
	events_run(events);
	assert_int_equal(watches[1].times, 0);
	assert_int_equal(watches[4].times, 0);
	assert_int_equal(watches[3].times, 1);
	assert_in_range(watches[2].at, now + 5, now + 2000);
}

static void again_at_once(void *owner, uint64_t now)
{
	struct clock_watch *w = owner;

	note(owner, now);
	events_timer(events, &w->timer, 0);
}

static void nobody_pushes_in(void **state)
{
	uint64_t now = events_now();

	(void)state;
	arm(0, again_at_once, now - 9);
	arm(1, note, now - 8);
	arm(2, stop, now - 7);
	events_run(events);
	assert_int_equal(watches[0].times, 1);
	assert_int_equal(watches[1].times, 1);
	assert_int_not_equal(watches[0].timer.place, 0);
}

// ---- descriptors

static int pipes[2][2];
static struct event_source sources[2];
static unsigned reads[2];

static void read_and_drop_the_other(void *owner, int fd, uint64_t now)
{
	size_t me = (size_t)((struct event_source *)owner - sources);
	char byte;

	(void)now;
	assert_int_equal(read(fd, &byte, 1), 1);
	reads[me]++;
	events_unwatch(events, &sources[!me]);
	memset(&sources[!me], 0xee, sizeof *sources); // its owner has released it
	events_stop(events);
}

static void read_to_the_end(void *owner, int fd, uint64_t now)
{
	char byte;

	(void)now;
	if (read(fd, &byte, 1) == 0)
		events_stop(events);
	else
		++*(unsigned *)owner;
}

static void dropped_descriptors_have_no_turn(void **state)
{
	(void)state;
	reads[0] = reads[1] = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		sources[i] = (struct event_source){pipes[i][0], read_and_drop_the_other, &sources[i]};
		assert_true(events_watch(events, &sources[i]));
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
	}
	events_run(events);
	assert_int_equal(reads[0] + reads[1], 1);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static void an_end_is_readable(void **state)
{
	unsigned bytes = 0;
	struct event_source source;

	(void)state;
	assert_int_equal(pipe(pipes[0]), 0);
	source = (struct event_source){pipes[0][0], read_to_the_end, &bytes};
	assert_true(events_watch(events, &source));
	assert_false(events_watch(events, &source)); // once is enough
	assert_int_equal(write(pipes[0][1], "xyz", 3), 3);
	close(pipes[0][1]);
	events_run(events);
	assert_int_equal(bytes, 3);
	close(pipes[0][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(timers_run_in_their_order),
		CASE(timers_wait),
		CASE(callbacks_change_other_timers),
		CASE(nobody_pushes_in),
		CASE(dropped_descriptors_have_no_turn),
		CASE(an_end_is_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
