// SPDX-License-Identifier: BSD-2-Clause
// The image's entries cut into several cpio archives, each complete and packed by itself, so that
// several processors can work on them. Linux unpacks one after another; within one packed archive
// it would take a second frame for garbage.
//
// Where the cuts are depends on the entries alone: any number of processors gives the same bytes.
#pragma once

#include "initramfs/mklanyard/compress.h"
#include "initramfs/mklanyard/image.h"

struct archive_part {
	const struct image *image;
	size_t first, count; // of its entries
	size_t length;       // bytes in their files
	enum density density;
	struct buffer packed;
	struct fault fault;
};

struct archives {
	struct archive_part *list;
	size_t count;
};

// Cuts the sorted image. `small`: few archives, packed as small as it gets, however long it takes;
// otherwise an image takes some seconds. A small image is one archive, and dense anyway.
void archives_cut(struct archives *a, const struct image *i, bool small, enum compression c);
// Appends one archive of all that the sorted image has.
void archives_add(struct archives *a, const struct image *i, enum density density);
// Packs each archive, as many at a time as there are processors.
bool archives_pack(
	struct archives *a, enum compression c, uint32_t mtime, struct fault *f);
void archives_free(struct archives *a);
