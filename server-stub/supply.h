// SPDX-License-Identifier: BSD-2-Clause
// What the supervisor supplies the net child with (message.h): directories, boot programs, kernel
// and initramfs. Each new child gets a new pair of sockets in which all of it is waiting; what
// changes later is sent then.
#pragma once

#include "server-stub/events.h"
#include "server-stub/image.h"
#include "server-stub/options.h"
#include "server-stub/programs.h"

struct supply {
	// Set by the owner.
	const struct options *options;
	struct events *events;
	int root;                   // the tree's directory
	void (*ready)(void *owner); // the child serves
	void (*deaf)(void *owner);  // it does not take what it is sent
	void *owner;
	// supply.c's.
	int ours, childs;                // ends of the pair, -1: none
	const char *boot[PROGRAM_KINDS]; // names of the boot programs that there are, or NULL
	const struct image_pair *pair;   // NULL: nothing yet
	char older[IMAGE_NAME],
		old[IMAGE_NAME]; // initramfs names before the pair's, and the pair's
	struct event_source source;
};

// Looks for the boot programs.
void supply_begin(struct supply *s);
// For a child that is about to be made; it reads from s->childs.
void supply_renew(struct supply *s);
// This is served from now on. The pair must stay valid until the next one.
void supply_pair(struct supply *s, const struct image_pair *pair);
// Hardware addresses or MTUs may have changed.
void supply_hardware(struct supply *s);
void supply_end(struct supply *s);
