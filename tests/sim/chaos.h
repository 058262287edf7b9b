// SPDX-License-Identifier: BSD-2-Clause
// Seeded chaos: a machine on one made-up network after the other. Whatever the network is like, a run
// ends well, or with a fault that this network explains, within its deadline; never with a wrong byte,
// never not at all. Everything about a run follows from its seed.
//
// The environment: SEEDS=N tries the seeds 1 to N (200), SEED=S that one alone.
#pragma once

#include "netstack/base/random.h"
#include "tests/sim/fault_netdev.h"

struct chaos {
	uint32_t seed;
	struct random random; // for what the run makes up
	char story[400];      // what it has made up, for people
	bool fault;           // it ended with a fault that its network explains
};

// One run. Gives what is wrong with its end, NULL if nothing is.
typedef const char *chaos_run(struct chaos *c);

// A cmocka test: every seed, and between `least` and `most` percent of the runs end without a fault
// (where there are enough of them to tell).
void chaos_test(chaos_run *run, unsigned least, unsigned most);
// The whole of a program whose one test is that. Gives its exit status.
int chaos_main(chaos_run *run, unsigned least, unsigned most);
// A number from low to high.
uint32_t chaos_between(struct chaos *c, uint32_t low, uint32_t high);
// True once in so many times.
bool chaos_once_in(struct chaos *c, uint32_t times);
// Adds to the story.
__attribute__((format(printf, 2, 3))) void chaos_tell(struct chaos *c, const char *format, ...);
// Makes up a bad network, and tells of it.
struct fault_chances chaos_weather(struct chaos *c);
// Whether the network is so bad that every packet may be lost for as long as a machine has patience.
bool chaos_hopeless(const struct fault_chances *chances);
