// SPDX-License-Identifier: BSD-2-Clause
// Machines on a bad network in virtual time: a hub, a faulty port per node, and a clock that jumps to
// the next moment at which anything is due. Everything follows from the seed.
#pragma once

#include "netstack/stack.h"
#include "netstack/vlan.h"
#include "tests/sim/fault_netdev.h"
#include "tests/sim/hub.h"

enum { SIM_NODES = HUB_PORTS };

// One machine: its stack and what runs on it. Embedded as first member.
struct sim_node {
	void (*step)(struct sim_node *node, uint64_t now);        // after every poll
	uint64_t (*deadline)(const struct sim_node *node);
	struct fault_netdev port;
	struct vlan vlan;         // on the port, where the node is in one
	struct stack stack;
};

struct sim {
	uint64_t now;
	uint16_t vlan; // of the nodes that are added from now on; 0: untagged
	struct random random;
	struct hub hub;
	size_t node_count;
	struct sim_node *nodes[SIM_NODES];
};

// Some moment to begin with that is not 0.
void sim_init(struct sim *s, uint32_t seed);
// Plugs a node in; its step and deadline are set by then. `address` may be unset.
void sim_add(struct sim *s, struct sim_node *node, const struct ipaddr *address, unsigned prefix);
void sim_chances(struct sim *s, const struct fault_chances *chances);
// Runs until `done` says so or virtual time `until`, or until nothing is due any more. True if done.
bool sim_run(struct sim *s, uint64_t until, bool (*done)(void *owner), void *owner);
