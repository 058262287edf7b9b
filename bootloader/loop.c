// SPDX-License-Identifier: BSD-2-Clause
// The one loop. Nothing else in the boot program waits.
#include "bootloader/boot.h"

enum { DRAIN_TIME = 10 }; // ms: a full window at 10 Mbit/s

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void loop_turn(struct boot *b, uint64_t until)
{
	uint64_t now = witness_now(&b->witness);
	struct tape *tape = &b->witness.tape;
	uint32_t sent = tape->sent, drawn = (uint32_t)b->random.counter;
	size_t frames;

	frames = stack_poll(&b->stack, now);
	acquire_step(b, now);
	fetch_step(&b->fetch, now);
	if (!frames && (tape->sent != sent || (uint32_t)b->random.counter != drawn))
		tape_put_turn(tape, sent);
	if (frames)
		return;
	until = earlier(until, stack_deadline(&b->stack));
	until = earlier(until, acquire_deadline(b));
	until = earlier(until, fetch_deadline(&b->fetch));
	if (until > now)
		platform_idle(until);
}

void loop_drain(struct boot *b)
{
	const uint64_t end = platform_now() + DRAIN_TIME;

	while (platform_now() < end)
		loop_turn(b, end);
}

bool loop_fetch(struct boot *b, const struct fetch_job *job, uint64_t *size, struct ipaddr *server,
	struct fault *fault)
{
	struct fetch_transfer *t = fetch_start(&b->fetch, job, platform_now());

	while (t->status == MACHINE_RUNNING)
		loop_turn(b, DEADLINE_NEVER);
	fetch_free(t);
	*size = t->size;
	if (t->server < FETCH_SERVERS)
		*server = t->job.servers[t->server];
	*fault = t->fault;
	return t->status == MACHINE_DONE;
}
