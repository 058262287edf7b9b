// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE // program_invocation_name
#include "tests/sim/chaos.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// HOPELESS: loss and damage in thousandths. With more of them, one run in thousands loses six round trips in
// a row, which is all that a sender makes of 15 s when it doubles its pauses (RFC 6298).
enum { SEEDS = 200, ENOUGH = 100, HOPELESS = 60 };

static uint32_t number_of(const char *variable, uint32_t otherwise)
{
	const char *text = getenv(variable);

	return text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

uint32_t chaos_between(struct chaos *c, uint32_t low, uint32_t high)
{
	return low + random_below(&c->random, high - low + 1);
}

bool chaos_once_in(struct chaos *c, uint32_t times)
{
	return random_below(&c->random, times) == 0;
}

void chaos_tell(struct chaos *c, const char *format, ...)
{
	size_t length = strlen(c->story);
	va_list args;

	va_start(args, format);
	vsnprintf(c->story + length, sizeof c->story - length, format, args);
	va_end(args);
}

struct fault_chances chaos_weather(struct chaos *c)
{
	struct fault_chances w = {0};

	if (!chaos_once_in(c, 4))
		w.loss = chaos_between(c, 0, chaos_once_in(c, 2) ? 200 : 50);
	if (chaos_once_in(c, 2))
		w.duplicate = chaos_between(c, 0, 200);
	if (chaos_once_in(c, 2))
		w.reorder = chaos_between(c, 0, 200);
	if (chaos_once_in(c, 2))
		w.corrupt = chaos_between(c, 0, 50);
	if (chaos_once_in(c, 4))
		w.busy = chaos_between(c, 0, 50);
	w.delay = chaos_once_in(c, 2) ? chaos_between(c, 0, 3) : chaos_between(c, 0, 100);
	w.jitter = chaos_once_in(c, 2) ? 0 : chaos_between(c, 0, 30);
	w.reorder_by = chaos_between(c, 0, 20);
	if (chaos_once_in(c, 4))
		w.kbit = chaos_between(c, 1000, 100000);
	if (chaos_once_in(c, 6)) {
		w.cut_after = chaos_between(c, 1, 200000);
		w.cut_for = chaos_between(c, 1, 6000);
	}
	chaos_tell(c, "loss %u dup %u reorder %u (%u ms) corrupt %u busy %u delay %u+%u kbit %u cut %llu for %u",
		w.loss, w.duplicate, w.reorder, w.reorder_by, w.corrupt, w.busy, w.delay, w.jitter,
		w.kbit, (unsigned long long)w.cut_after, w.cut_for);
	return w;
}

bool chaos_hopeless(const struct fault_chances *w)
{
	return w->loss + w->corrupt + w->busy > HOPELESS;
}

static bool try_seed(chaos_run *run, uint32_t seed)
{
	struct chaos c = {.seed = seed};
	const char *wrong;

	random_seed(&c.random,
		(const uint8_t[16]){(uint8_t)seed, (uint8_t)(seed >> 8), (uint8_t)(seed >> 16), 1});
	wrong = run(&c);
	if (wrong)
		fail_msg("%s: %s\nagain: SEED=%u %s", wrong, c.story, seed, program_invocation_name);
	return !c.fault;
}

void chaos_test(chaos_run *run, unsigned least, unsigned most)
{
	uint32_t only = number_of("SEED", 0), seeds = number_of("SEEDS", SEEDS), well = 0;

	if (only) {
		try_seed(run, only);
		return;
	}
	for (uint32_t seed = 1; seed <= seeds; seed++)
		well += try_seed(run, seed);
	print_message("%u networks: %u times well, %u times a fault\n", seeds, well, seeds - well);
	if (seeds >= ENOUGH)
		assert_in_range(well, (uint64_t)seeds * least / 100, (uint64_t)seeds * most / 100);
}

static struct {
	chaos_run *run;
	unsigned least, most;
} program;

static void test_made_up_networks(void **state)
{
	(void)state;
	chaos_test(program.run, program.least, program.most);
}

int chaos_main(chaos_run *run, unsigned least, unsigned most)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_made_up_networks)};

	program.run = run;
	program.least = least;
	program.most = most;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
