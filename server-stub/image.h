// SPDX-License-Identifier: BSD-2-Clause
// What clients boot: the root tree's kernel and the initramfs that mklanyard makes for it.
//
// An image is kept in the state directory under the kernel's version and a fingerprint of all that
// it is made from: kernel, modules, mklanyard, init, the choice of drivers. While that stays the
// same, nothing is built. If a new one cannot be built, what there was before goes on being served.
#pragma once

#include "server-stub/events.h"
#include "server-stub/kernel.h"
#include "server-stub/options.h"
#include "server-stub/sandbox.h"

enum { IMAGE_NAME = KERNEL_VERSION + 64 };

// One kernel with its image, as it is served.
struct image_pair {
	char version[KERNEL_VERSION];
	char kernel_name[IMAGE_NAME], initrd_name[IMAGE_NAME];
	int kernel, initrd; // descriptors
	int segments;       // of the initramfs' index of parts (segments.h); -1: none
	uint64_t kernel_size, initrd_size;
};

struct image_config {
	const struct options *options;
	struct events *events;
	int root; // the tree's directory
	struct sandbox_user user;
	// There is something to be served, or something new. The pair stays valid until the next
	// one.
	void (*ready)(void *owner, const struct image_pair *pair);
	// Nothing new, and why.
	void (*failed)(void *owner, const struct fault *fault);
	void *owner;
};

struct images;

// NULL with a fault (SERVER_STATE, SERVER_IMAGE).
struct images *images_open(const struct image_config *config, struct fault *f);
// Looks at the tree; calls ready or failed if anything has changed, now or when mklanyard has
// ended.
void images_look(struct images *i);
// A process has ended. False if it was not mklanyard.
bool images_ended(struct images *i, pid_t pid, int status);
// Ends mklanyard, if it runs.
void images_close(struct images *i);
