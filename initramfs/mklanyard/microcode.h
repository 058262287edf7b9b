// SPDX-License-Identifier: BSD-2-Clause
// Early microcode: the kernel looks for updates of the processor before it unpacks anything, in an
// uncompressed cpio archive at the front of the initrds (Documentation/x86/microcode.rst of the
// kernel; lib/earlycpio.c reads it):
//
//   kernel/x86/microcode/GenuineIntel.bin    the files of lib/firmware/intel-ucode, one behind
//                                            another
//   kernel/x86/microcode/AuthenticAMD.bin    those of lib/firmware/amd-ucode
//
// Intel's processors want an update at an address that 16 divides: the files' data lies so in the
// archive, which begins at such an address.
#pragma once

#include "initramfs/mklanyard/tree.h"

// Appends the archive, whose length 512 divides; nothing if the tree has no microcode. What is no
// update by its header is left out with a note.
void microcode_collect(const struct tree *t, uint32_t mtime, struct buffer *to);
// Whether a file begins like an update: Intel's header (SDM volume 3, 10.11.1), whose sizes must be
// the file's; AMD's container.
bool microcode_is_intel(const uint8_t *bytes, size_t length);
bool microcode_is_amd(const uint8_t *bytes, size_t length);
