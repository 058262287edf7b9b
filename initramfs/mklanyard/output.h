// SPDX-License-Identifier: BSD-2-Clause
// Writes the finished image: a reader of the old one, or a crash, never meets half of a new one.
#pragma once

#include "initramfs/mklanyard/buffer.h"
#include "netstack/base/fault.h"

// Replaces the file (a symbolic link stays one) with `image`, readable for everybody, as TFTP
// servers want it. What is no regular file, such as /dev/stdout, is written into.
bool output_write(const char *path, const struct buffer *image, struct fault *f);
