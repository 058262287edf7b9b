// SPDX-License-Identifier: BSD-2-Clause
// Milestones: what this boot has done so far, as syslog messages for whoever watches many machines. They
// go to the log server that DHCP names (option 7), else to the boot server; the kernel parameter
// lanyard.log= names another address or says "off", for the boot program as for init.
//
// Nothing is sent before a kernel's parameters are known; every message has the times of the stages so
// far. Nobody waits for an answer: one who says that the port is closed gets nothing more.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/stack.h"

struct boot;

struct milestones {
	struct stack_socket *socket; // NULL: nothing is sent
	struct endpoint to;
};

// A plan is about to be carried out: chooses the log server, and tells it so.
void milestones_begin(struct boot *b);
// A stage has ended: it goes into the timeline, and is told. `bytes`: what was loaded in it, 0: nothing.
void milestone(struct boot *b, const char *stage, uint64_t bytes);
// Something of the plan could not be loaded.
void milestone_fault(struct boot *b, const struct fault *fault);
