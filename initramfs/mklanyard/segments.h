// SPDX-License-Identifier: BSD-2-Clause
// The image in parts, of which only some go to a machine (--segments; lanyard-segments(5)). Each part
// is an archive of its own, and the image is all of them, one behind another.
//
// A part has its modules, the firmware that only they name, and for each module a file in
// /lanyard/modules.d with its line. The files' names begin with the modules' places in the list of
// all, so that any parts that are closed (division.h) give a list in the right order.
#pragma once

#include "initramfs/mklanyard/archives.h"
#include "initramfs/mklanyard/division.h"
#include "initramfs/mklanyard/firmware.h"

struct segments {
	struct division division;
	struct image *images; // of the parts; the common one's is the caller's, and this one empty
	struct buffer *lines; // of /lanyard/modules.d, for each module
	struct buffer common; // /lanyard/modules
};

// Shares the modules and firmware files out, the common part's to `common`, and sorts the other
// parts' images. False if a part would have two files of one name.
bool segments_fill(struct segments *s, const struct modules *m, const struct firmware *w,
	struct image *common, struct fault *f);
// Makes the archives: the common part's first, packed as small as it gets.
void segments_cut(
	const struct segments *s, struct archives *a, const struct image *common, bool small);
// Writes each part as NAME.img, and then "index", into the directory, which is made if it is not
// there. `whole` is the image; it begins with `front` bytes that belong to the common part.
bool segments_write(const struct segments *s, const char *directory, const struct archives *a,
	const struct buffer *whole, size_t front, const char *title, struct fault *f);
void segments_free(struct segments *s);
