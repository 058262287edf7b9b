// SPDX-License-Identifier: BSD-2-Clause
// The programs in the image: init, and busybox where a shell is wanted. Nothing is linked at run
// time in an initramfs of ours, so both must be static.
#pragma once

#include "initramfs/mklanyard/tree.h"

// Reads init from `path`, or where that is NULL the one beside this program or in ../lib/lanyard
// ("init-arm64" for that machine). `machine` is that of the kernel's modules, ELF's e_machine; 0
// for a kernel without any, when every machine's will do.
bool programs_init(const char *path, uint16_t machine, struct buffer *to, struct fault *f);
// Reads busybox: the tree's if it has a static one, else this machine's.
bool programs_busybox(const struct tree *t, uint16_t machine, struct buffer *to, struct fault *f);
