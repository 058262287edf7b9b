// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	START = 1000,
	ROUNDS_MAX = 100000, // at one moment of virtual time: more is a livelock
};

void sim_init(struct sim *s, uint32_t seed)
{
	uint8_t bytes[16] = {'s', 'i', 'm'};

	memcpy(bytes + 8, &seed, sizeof seed);
	s->now = START;
	s->vlan = 0;
	s->node_count = 0;
	random_seed(&s->random, bytes);
	hub_init(&s->hub);
}

void sim_add(struct sim *s, struct sim_node *node, const struct ipaddr *address, unsigned prefix)
{
	struct netdev *dev = &node->port.dev;

	fault_netdev_init(&node->port, hub_port(&s->hub), &s->now, random_u32(&s->random));
	if (s->vlan) {
		vlan_init(&node->vlan, dev, s->vlan);
		dev = &node->vlan.dev;
	}
	stack_init(&node->stack, &s->random);
	stack_add_interface(&node->stack, dev);
	stack_set_address(&node->stack, 0, address, prefix, s->now);
	s->nodes[s->node_count++] = node;
}

void sim_chances(struct sim *s, const struct fault_chances *chances)
{
	for (size_t i = 0; i < s->node_count; i++)
		s->nodes[i]->port.chances = *chances;
}

// Everybody takes in what has come and acts. Gives the number of frames that moved.
static size_t round_of_steps(struct sim *s)
{
	uint64_t before = s->hub.frames;
	size_t received = 0;

	for (size_t i = 0; i < s->node_count; i++) {
		struct sim_node *n = s->nodes[i];

		received += stack_poll(&n->stack, s->now);
		n->step(n, s->now);
	}
	return received + (size_t)(s->hub.frames - before);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_moment(const struct sim *s)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < s->node_count; i++) {
		const struct sim_node *n = s->nodes[i];

		next = earlier(next, stack_deadline(&n->stack));
		next = earlier(next, fault_netdev_deadline(&n->port));
		next = earlier(next, n->deadline(n));
	}
	return next;
}

bool sim_run(struct sim *s, uint64_t until, bool (*done)(void *owner), void *owner)
{
	unsigned rounds = 0;

	for (;;) {
		uint64_t next;

		while (round_of_steps(s) || next_moment(s) <= s->now) {
			if (++rounds < ROUNDS_MAX)
				continue;
			fprintf(stderr, "sim: livelock at %llu ms\n", (unsigned long long)s->now);
			abort();
		}
		if (done && done(owner))
			return true;
		next = next_moment(s);
		if (next > until)
			break;
		s->now = next;
		rounds = 0;
	}
	s->now = until;
	return false;
}
