// SPDX-License-Identifier: BSD-2-Clause
// mklanyard as a child of the supervisor: as an unprivileged user, in a room of its own
// (build_room.h) where this machine allows one, with limits (sandbox.h) and a time limit. Its words
// go to the log.
#pragma once

#include "server-stub/events.h"
#include "server-stub/options.h"
#include "server-stub/programs.h"
#include "server-stub/sandbox.h"

enum image_build_end {
	IMAGE_BUILD_GOOD,   // the image lies in the work directory
	IMAGE_BUILD_FAILED, // with a fault
	IMAGE_BUILD_AGAIN,  // start it again: this machine does not allow it as it was tried
};

struct image_build {
	const struct options *options;
	struct events *events;
	struct sandbox_user user;
	const char *work;
	char mklanyard[PROGRAM_PATH], programs[2][PROGRAM_PATH];
	pid_t pid;  // 0: does not run
	bool plain; // without a room
	bool late;  // it has taken too long
	unsigned took;
	uint64_t started;
	struct event_timer timer;
	struct event_source words;
	char line[512], last[256]; // what it says, and the failure that it spoke of
	size_t length;
};

// False with SERVER_IMAGE if there is no mklanyard or no init.
bool image_build_begin(struct image_build *b, const struct options *options, struct events *events,
	const struct sandbox_user *user, const char *work, struct fault *f);
bool image_build_start(struct image_build *b, const char *version, struct fault *f);
enum image_build_end image_build_ended(struct image_build *b, int status, struct fault *f);
void image_build_stop(struct image_build *b);
