// SPDX-License-Identifier: BSD-2-Clause
// The images in the state directory:
//
//   STATE/images/VERSION-FINGERPRINT.img   complete images, user 0's
//   STATE/images/VERSION-FINGERPRINT.idx   of what parts they consist (lanyard-segments(5))
//   STATE/images/work/                     mklanyard's output, its user's
#pragma once

#include "netstack/base/fault.h"
#include "server-stub/sandbox.h"

#include <stdint.h>

struct image_store {
	int images, work_fd; // directories
	char work[4096];     // the path of the latter
};

// Makes the directories. False with SERVER_STATE.
bool image_store_begin(
	struct image_store *s, const char *state, const struct sandbox_user *user, struct fault *f);
void image_store_end(struct image_store *s);
// An image, open for reading; -1 and errno.
int image_store_open(struct image_store *s, const char *name, uint64_t *size);
// The index of the image of that name; -1 if it has none.
int image_store_open_index(struct image_store *s, const char *name);
// Any image of that kernel; its name goes to `name`, which has room for it.
int image_store_find(struct image_store *s, const char *version, char *name, uint64_t *size);
// Empties the work directory.
void image_store_sweep(struct image_store *s);
// What mklanyard, as user `uid`, has left as "image" and "parts/index" in the work directory becomes
// the image `name` and its index.
int image_store_take(struct image_store *s, const char *name, uid_t uid, uint64_t *size);
// Removes all images but these two.
void image_store_clean(struct image_store *s, const char *keep, const char *keep_too);
