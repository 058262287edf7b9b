// SPDX-License-Identifier: BSD-2-Clause
// An initramfs cut to what one machine needs (lanyard-segments(5)): of the image's parts, which lie
// in it one behind another, those that every machine needs and those of its network card. A machine
// asks for it by a name below the image's:
//
//   IMAGE/8086-100e              cut to the card with that PCI ID
//   IMAGE/8086-100e/no-nfsv4     and without that
//   IMAGE/anything else          the whole image: a card that nobody knows may be any
//
// The index comes from a program that reads strangers' trees: it is bounded and checked, and one that
// breaks a rule is as good as none.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SEGMENTS = 1024,
	SEGMENTS_INDEX = 1 << 20, // bytes
	SEGMENTS_CUTS = 16,       // images that are kept
	SEGMENTS_KEPT = 60000,    // ms that each is kept at least, since it was last asked for
};

struct segments;

// Reads the index; `image_size` is the image's. NULL if it is none of this image.
struct segments *segments_read(int fd, uint64_t image_size);
// From its text, which has a NUL behind its `length` characters and stays the caller's.
struct segments *segments_parse(const char *text, size_t length, uint64_t image_size);
void segments_free(struct segments *s);

// A piece of the image.
struct segments_piece {
	uint64_t offset, length;
};
// The pieces of the image, at most SEGMENTS, that the name below the image's stands for, in the order
// of the image. 0: the whole.
size_t segments_choose(const struct segments *s, const char *name, struct segments_piece *pieces);
// A file with these pieces of `image`, dated like it; the caller's. The last few are kept. -1: the
// whole, because of the name, for want of memory, or where clients ask for more different images within
// SEGMENTS_KEPT than are kept.
int segments_open(struct segments *s, int image, const char *name, uint64_t now);
